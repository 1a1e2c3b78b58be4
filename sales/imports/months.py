"""Months and weekdays as people and programs of Europe and America write them."""

from typing import Final

_MONTHS: Final = (
    "jan january januar jänner jaenner janvier janv enero ene gennaio gen genn janeiro januari",
    "feb february februar fevereiro février fevrier févr fevr fév febrero febbraio fev februari",
    "mar march märz maerz mrz mär mars marzo março marco maart mrt",
    "apr april avril avr abril abr aprile",
    "may mai mayo maggio mag maio mei",
    "jun june juni juin junio giugno giu junho",
    "jul july juli juillet juil julio luglio lug julho",
    "aug august août aout agosto ago augustus",
    "sep sept september septembre septiembre set settembre sett setembro setiembre",
    "oct october oktober okt octobre octubre ottobre ott outubro out",
    "nov november novembre noviembre novembro",
    "dec december dezember dez décembre decembre déc diciembre dic dicembre dezembro",
)
MONTHS: Final = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
"""The number of a month by its name in lower case; each name means one month everywhere."""
_DAYS: Final = (
    "mon tue tues wed wednes thu thur thurs fri sat satur sun monday tuesday wednesday thursday "
    "friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag "
    "mo di mi do fr sa so lundi mardi mercredi jeudi vendredi samedi dimanche lun mer jeu ven sam "
    "dim lunes martes miércoles miercoles jueves viernes sábado sabado domingo lunedì martedì "
    "mercoledì giovedì venerdì domenica maandag dinsdag woensdag donderdag vrijdag zaterdag zondag "
    "le segunda terça quarta quinta sexta segunda-feira terça-feira quarta-feira quinta-feira "
    "sexta-feira"
)
WEEKDAYS: Final = "|".join(sorted(_DAYS.split(), key=len, reverse=True))
"""Alternatives for a pattern, the longest first; French also writes ``le``."""
