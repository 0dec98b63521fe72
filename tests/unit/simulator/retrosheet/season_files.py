"""A small made-up game in Retrosheet's format, and a data folder that holds it as the season 2016."""

import zipfile
from pathlib import Path

_POSITIONS = (8, 4, 6, 10, 3, 5, 7, 9, 2)
_SQUADS = (("visit", "NYA"), ("homer", "BOS"))
_INFO = """info,visteam,NYA
info,hometeam,BOS
info,site,BOS07
info,date,2016/05/01
info,number,1
info,starttime,1:35PM
info,daynight,day
info,usedh,true
info,umphome,umpir901
info,ump1b,(none)
info,temp,57
info,winddir,tocf
info,windspeed,22
info,precip,unknown
info,sky,sunny
info,timeofgame,95
info,attendance,37160
info,wp,homer010
info,lp,visit010
info,save,
"""
_PLAYS = """play,1,0,visit001,12,CFBX,S7/L
play,1,0,visit002,01,C>B,SB2
play,1,0,visit002,22,C>B.FB*S,K
play,1,0,visit003,10,BX,E6/TH/G.2-H(UR)(NR);B-2
play,1,0,visit004,31,BBCBB,W
play,1,0,visit005,00,X,64(1)3/GDP
play,1,1,homer001,20,BB,NP
sub,visit011,"Visit Eleven",0,0,1
play,1,1,homer001,32,BB.CFBB,W
play,1,1,homer002,02,CF,NP
sub,homer012,"Homer Twelve",1,2,11
play,1,1,homer012,02,CF.S,K
play,1,1,homer003,00,*B,WP.1-2
play,1,1,homer003,10,*B.X,HR/78/F.2-H
com,"$home run off the wall"
play,1,1,homer004,01,CX,63/G
play,1,1,homer005,00,X,D9/L
play,1,1,homer006,11,CB,CS3(25)
play,2,0,visit006,00,,NP
sub,homer012,"Homer Twelve",1,2,4
play,2,0,visit006,02,.CSS,K23
play,2,0,visit007,00,X,8/F
play,2,0,visit008,02,CCC,K
play,2,1,homer006,00,X,S8/G
play,2,1,homer007,00,,NP
sub,homer013,"Homer Thirteen",1,6,12
play,2,1,homer007,00,.X,S9/G.1-3
badj,homer008,L
play,2,1,homer008,00,X,8/F/SF.3-H
play,2,1,homer009,00,X,54(1)/FO/G
play,3,0,visit009,00,,NP
sub,homer011,"Homer Eleven",1,0,1
com,"Suspend=20160502,,1,4,14"
com,"$game called by rain"
data,er,visit010,1
data,er,visit011,2
data,er,homer010,0
"""


def _line_up(squad: str, side: int) -> str:
    nine = [
        f'start,{squad}{slot:03},"{squad} {slot}",{side},{slot},{position}'
        for slot, position in enumerate(_POSITIONS, start=1)
    ]
    return "\n".join([*nine, f'start,{squad}010,"{squad} 10",{side},0,1']) + "\n"


STARTERS = "".join(_line_up(squad, side) for side, (squad, _) in enumerate(_SQUADS))
GAME = f"id,BOS201605011\nversion,2\n{_INFO}{STARTERS}{_PLAYS}"


def _roster(squad: str, club: str) -> str:
    men = (f"{squad}{n:03},Player{n},{squad.title()},{'B' if n == 8 else 'R'},R,{club}" for n in range(1, 31))
    return "".join(f"{man},{'P' if index in (9, 10) else 'OF'} \r\n" for index, man in enumerate(men))


def player(code: str) -> int:
    """Return the id that the made-up register gives to visit001… (101…), homer001… (201…) and umpires."""
    return {"visit": 100, "homer": 200, "umpir": 0}[code[:5]] + int(code[5:])


def _register() -> str:
    header = "key_mlbam,key_retro,key_bbref,key_fangraphs,name_last,name_first,birth_year,"
    codes = [f"{squad}{n:03}" for squad, _ in _SQUADS for n in range(1, 31)]
    men = [f"{player(code)},{code},,,Player,Some,1990,2012,2020" for code in codes]
    return "\n".join([f"{header}mlb_played_first,mlb_played_last", *men, "901,umpir901,,,Blue,Joe,1960,,"])


def write_season(data: Path, *games: str, year: int = 2016) -> Path:
    """Write a data folder with one season of these games of the Red Sox and return it."""
    (data / "mlb" / "retrosheet").mkdir(parents=True, exist_ok=True)
    (data / "mlb" / "register.csv").write_text(_register(), "utf-8")
    with zipfile.ZipFile(data / "mlb" / "retrosheet" / f"{year}eve.zip", "w") as archive:
        archive.writestr(f"{year}BOS.EVA", "".join(games))
        for squad, club in _SQUADS:
            archive.writestr(f"{club}{year}.ROS", _roster(squad, club))
    return data
