"""Which texts may share a context with later evaluations of the same text.

A fresh context is most of the cost of a short evaluation. In a context whose built-in objects are
all frozen (`lasting.js`) no text can leave anything behind but a global variable, and that is seen.
Most texts cannot tell such a context from a fresh one; those that could are left out here, by their
words and by how they assign. A text is left out for a word in a string or a comment, too: it then
only costs what it cost before. What throws in such a context is evaluated anew in a fresh one, so a
text that tells by an exception (an assignment in strict mode, `Object.assign`) need not be known.
"""

import re

# What shows the global object, runs texts, runs later, or sees that an object is frozen.
_WORDS = re.compile(
    r"\\u|__|\b(?:this|globalThis|eval|Function|constructor|prototype|arguments|callee|caller"
    r"|with|delete|async|await|yield|import|class|super|strict|Promise|Proxy|Reflect|Symbol|Atomics"
    r"|SharedArrayBuffer|WeakRef|FinalizationRegistry|performance|queueMicrotask"
    r"|isFrozen|isSealed|isExtensible|freeze|seal|preventExtensions"
    r"|definePropert(?:y|ies)|assign|setPrototypeOf|getOwnProperty\w*)\b"
)
_ASSIGNMENT = re.compile(r"(?:\*\*|<<|>>>?|&&|\|\||\?\?|[-+*/%&|^])?(?<![=!<>])=(?![=>])")
# Names of built-ins that code may take for its own variables without declaring them.
_BUILT_IN = re.compile(
    r"[A-Z][\w$]*|parseInt|parseFloat|isNaN|isFinite|(?:de|en)codeURI(?:Component)?"
    r"|(?:un)?escape|undefined|btoa|atob"
)
_LONGEST = 10_000
_LOOKED_AT = 200
_VARIABLE = re.compile(r"(?<![\w$])[A-Za-z_$][\w$]*$", re.ASCII)
# A member that `++` or `--` changes, or that a loop sets.
_CHANGED_MEMBER = re.compile(
    r"[\])]\s*(?:\+\+|--)|\.\s*[\w$]+\s*(?:\+\+|--)|(?:\+\+|--)\s*[\w$]+\s*[.\[(?]"
    r"|(?:\+\+|--)\s*\(|\.\s*/[/*]"
    r"|\bfor\s*\(\s*(?!var\b|let\b|const\b)[^;]*?\b(?:in|of)\b"
)


def lasts(code: str) -> bool:
    """Whether a text gives the same in a context where all built-in objects are frozen.

    It may set variables, but no members of objects: on `{}`, a member with the name of one that
    the frozen prototype has would silently not be set.
    """
    if len(code) > _LONGEST or not code.isascii():
        return False
    if _WORDS.search(code) or _CHANGED_MEMBER.search(code):
        return False
    return all(_sets_variable(code, found.start()) for found in _ASSIGNMENT.finditer(code))


def _sets_variable(code: str, end: int) -> bool:
    """Whether what stands before an assignment ends with a variable that is no built-in's."""
    first = max(0, end - _LOOKED_AT)
    before = code[first:end].rstrip()
    name = _VARIABLE.search(before)
    if name is None or _BUILT_IN.fullmatch(name[0]):
        return False
    before = before[: name.start()].rstrip()
    return not before.endswith((".", "/")) and (bool(before) or not first)
