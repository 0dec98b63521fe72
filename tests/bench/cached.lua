-- Asks the same question every time.
wrk.method, wrk.path = "POST", "/predict/player"
wrk.headers["Content-Type"] = "application/json"
wrk.body = os.getenv("BODY"):gsub("LINE", "5.5")
