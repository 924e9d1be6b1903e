"""Write a bond desk's static data, quotes, prices and positions into the image's folder.

    python3 generate.py

Nothing here is random: the tables stand below, and the holidays follow Easter. The agent never sees this file: it says
which bond was chosen for which corner of the rules.
"""

from datetime import date, timedelta
from pathlib import Path

DESK = Path(__file__).resolve().parent / "environment" / "desk"
YEARS = range(2024, 2061)

QUOTES = """tenor,time,bid,ask
2M,16:41:07,2.141,2.161
3M,16:58:11,2.138,2.162
3M,09:02:55,2.191,2.215
6M,16:20:00,2.071,2.099
6M,16:59:58,2.081,
1Y,17:00:00,1.962,1.974
1Y,16:12:40,1.951,1.967
2Y,16:55:31,1.874,1.886
2Y,17:00:01,1.903,1.911
3Y,16:30:02,1.951,1.965
5Y,16:59:12,2.133,2.149
5Y,11:15:00,2.162,2.176
7Y,16:44:44,2.291,2.309
10Y,15:10:09,2.466,2.482
10Y,16:10:09,,2.499
15Y,16:51:50,2.633,2.653
20Y,16:37:29,2.651,2.675
30Y,16:57:03,2.563,2.591
30Y,08:30:00,2.611,2.633
"""

BONDS = """isin,name,coupon_pct,frequency,day_count,issue,maturity,ex_days
XS0000010014,Kingdom of Osten 2.10% 2029,2.10,1,ACT/ACT,2019-02-15,2029-02-15,0
XS0000010022,Kingdom of Osten 3.25% 2054,3.25,1,ACT/ACT,2024-10-08,2054-07-04,0
XS0000010030,Kingdom of Osten zero 2026,0,0,ACT/ACT,2024-10-22,2026-10-22,0
XS0000010048,Republic of Varn 4.00% 2031,4.00,2,ACT/ACT,2020-08-31,2031-02-28,0
XS0000010055,Republic of Varn 1.50% 2027,1.50,2,ACT/ACT,2024-12-12,2027-08-30,0
XS0000010063,Lindqvist Kraft 3.875% 2028,3.875,1,30E/360,2025-01-20,2028-05-31,0
XS0000010071,Lindqvist Kraft 2.625% 2033,2.625,2,30E/360,2021-03-31,2033-03-31,0
XS0000010089,Hafenbank 3.10% 2026,3.10,4,ACT/360,2023-05-09,2026-05-09,0
XS0000010097,Hafenbank 2.95% 2030,2.95,4,ACT/365,2025-03-05,2030-06-14,0
XS0000010105,Albion Water 4.25% 2032,4.25,2,ACT/ACT,2022-04-30,2032-04-30,8
XS0000010113,Albion Water 5.00% 2029,5.00,1,ACT/365,2019-05-01,2029-05-01,8
XS0000010121,Albion Rail 3.60% 2036,3.60,2,ACT/ACT,2016-10-22,2036-10-22,0
XS0000010139,Marwick Ports 2.00% 2025,2.00,1,30E/360,2018-04-22,2025-04-22,0
XS0000010147,Marwick Ports 4.75% 2040,4.75,1,30E/360,2024-02-29,2040-02-29,0
XS0000010154,Osten Railways 3.00% 2056,3.00,1,ACT/ACT,2025-03-25,2056-03-25,0
XS0000010162,Osten Railways 2.40% 2027,2.40,1,ACT/ACT,2022-05-01,2027-05-01,0
"""

PRICES = {
    "XS0000010014": 99.87,
    "XS0000010022": 104.415,
    "XS0000010030": 97.052,
    "XS0000010048": 107.61,
    "XS0000010055": 98.93,
    "XS0000010063": 102.205,
    "XS0000010071": 97.44,
    "XS0000010089": 100.29,
    "XS0000010097": 101.12,
    "XS0000010105": 104.98,
    "XS0000010113": 108.335,
    "XS0000010121": 96.77,
    "XS0000010139": 99.99,
    "XS0000010147": 117.28,
    "XS0000010154": 98.06,
    "XS0000010162": 100.64,
}

POSITIONS = """book,isin,nominal
GOV1,XS0000010014,12000000
GOV1,XS0000010022,4500000
GOV1,XS0000010030,20000000
GOV1,XS0000010048,7000000
GOV2,XS0000010048,-3000000
GOV2,XS0000010055,9000000
GOV2,XS0000010022,-1500000
CORP,XS0000010063,2500000
CORP,XS0000010071,6000000
CORP,XS0000010089,1500000
CORP,XS0000010097,3200000
CORP,XS0000010105,5400000
CORP,XS0000010113,2100000
CORP,XS0000010121,-4000000
CORP,XS0000010139,8000000
CORP,XS0000010147,1250000
SSA,XS0000010154,10000000
SSA,XS0000010162,5000000
REPO,XS0000010162,-5000000
"""


def easter(year):
    """Return Easter Sunday, by the anonymous Gregorian computation."""
    golden, century, rest = year % 19, year // 100, year % 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    moved = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * moved + 114, 31)
    return date(year, month, day + 1)


def holidays():
    """Yield the days on which euros are not settled."""
    for year in YEARS:
        sunday = easter(year)
        yield from (date(year, 1, 1), sunday - timedelta(days=2), sunday + timedelta(days=1))
        yield from (date(year, 5, 1), date(year, 12, 25), date(year, 12, 26))


def main():
    DESK.mkdir(parents=True, exist_ok=True)
    files = {
        "quotes.csv": QUOTES,
        "bonds.csv": BONDS,
        "positions.csv": POSITIONS,
        "prices.csv": "isin,clean\n" + "".join(f"{isin},{price}\n" for isin, price in PRICES.items()),
        "holidays.txt": "".join(f"{day}\n" for day in sorted(holidays())),
    }
    for name, text in files.items():
        (DESK / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
