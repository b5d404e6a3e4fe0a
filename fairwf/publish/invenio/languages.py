"""ISO 639-1 codes (as in BCP 47, ``en``) to the ISO 639-3 ones that InvenioRDM wants (``eng``)."""

from __future__ import annotations

import re

_PAIRS = """
aa:aar ab:abk af:afr ak:aka am:amh an:arg ar:ara as:asm av:ava ay:aym az:aze ba:bak be:bel bg:bul
bi:bis bm:bam bn:ben bo:bod br:bre bs:bos ca:cat ce:che ch:cha co:cos cs:ces cv:chv cy:cym da:dan
de:deu dv:div dz:dzo ee:ewe el:ell en:eng eo:epo es:spa et:est eu:eus fa:fas ff:ful fi:fin fj:fij
fo:fao fr:fra fy:fry ga:gle gd:gla gl:glg gn:grn gu:guj gv:glv ha:hau he:heb hi:hin hr:hrv ht:hat
hu:hun hy:hye id:ind ig:ibo is:isl it:ita iu:iku ja:jpn jv:jav ka:kat kk:kaz kl:kal km:khm kn:kan
ko:kor ks:kas ku:kur ky:kir la:lat lb:ltz lg:lug li:lim ln:lin lo:lao lt:lit lv:lav mg:mlg mi:mri
mk:mkd ml:mal mn:mon mr:mar ms:msa mt:mlt my:mya nb:nob ne:nep nl:nld nn:nno no:nor nv:nav ny:nya
oc:oci or:ori os:oss pa:pan pl:pol ps:pus pt:por qu:que rm:roh rn:run ro:ron ru:rus rw:kin sa:san
sc:srd sd:snd se:sme sg:sag si:sin sk:slk sl:slv sm:smo sn:sna so:som sq:sqi sr:srp ss:ssw st:sot
su:sun sv:swe sw:swa ta:tam te:tel tg:tgk th:tha ti:tir tk:tuk tl:tgl tn:tsn to:ton tr:tur ts:tso
tt:tat ty:tah ug:uig uk:ukr ur:urd uz:uzb ve:ven vi:vie wa:wln wo:wol xh:xho yi:yid yo:yor za:zha
zh:zho zu:zul
"""
_THREE = dict(pair.split(":") for pair in _PAIRS.split())
_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*\Z")


def language_id(text: str) -> str | None:
    """Return the ISO 639-3 code of a language tag; None where it is not known."""
    match = _TAG.match(text)
    if match is None:
        return None
    code = match[1].lower()
    return code if len(code) == 3 else _THREE.get(code)
