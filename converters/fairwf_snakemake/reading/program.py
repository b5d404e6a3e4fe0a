"""The statements of a Snakefile in their order: which rules there are, and what names mean."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from fairwf.ir.origins import Span
from fairwf.report import InvalidError
from fairwf.source import did_you_mean, in_tree
from fairwf_snakemake.reading.definitions import Definition, Program
from fairwf_snakemake.reading.namespaces import (
    Layered,
    Rules,
    merge_config,
    merged_directive,
    prefixes,
    sees_config,
)
from fairwf_snakemake.snakefile.nodes import Directive, Module, Rule, Snakefile, UseRule
from fairwf_snakemake.snakefile.parse import MARK, span_of
from fairwf_snakemake.snakefile.static import (
    MODULES,
    Function,
    Helper,
    Members,
    NotStaticError,
    Unknown,
    bind,
)

MAX_RULES = 5_000
MAX_ROUNDS = 1_000


class Interpreter:
    """Follows the statements of one file (and those it includes) without executing Python."""

    def __init__(
        self,
        program: Program,
        file: Snakefile,
        folder: Path,
        names: dict[str, Any] | None = None,
        depth: int = 0,
    ) -> None:
        self.program = program
        self.file = file
        self.folder = folder
        self.names = self._initial() if names is None else names
        self.modules: dict[str, Module] = {}
        self.depth = depth
        self.unsure = 0
        self.main: Interpreter = self

    def _initial(self) -> dict[str, Any]:
        program = self.program

        def scatter(name: str) -> Helper:
            def gather(pattern: str, **given: Any) -> list[str]:
                total = program.scatter[name]
                items = [f"{i}-of-{total}" for i in range(1, total + 1)]
                from fairwf_snakemake.snakefile.static import expand

                return expand(pattern, scatteritem=items, allow_missing=True, **given)

            return Helper(name, gather)

        self._scatter = scatter
        spread = Members()
        return {
            "config": program.config,
            "glob_wildcards": Helper("glob_wildcards", self._glob),
            "rules": Rules(self),
            "checkpoints": Unknown("checkpoints are known while the workflow runs"),
            "scatter": spread,
            "gather": spread,
            "workflow": Unknown("the workflow object of Snakemake"),
            "__name__": "__main__",
            "os": Members(
                path=Members(
                    **MODULES["os.path"].values,
                    **{name: Helper(name, self._exists) for name in ("exists", "isfile")},
                )
            ),
        }

    def _glob(self, pattern: str, *args: Any, **given: Any) -> Members:
        if args or given:
            raise NotStaticError("glob_wildcards of given files")
        found = self.program.files.glob_wildcards(str(pattern))
        count = max((len(each) for each in found.values.values()), default=0)
        self.program.report.add(
            "FWF1506",
            f"glob_wildcards({pattern!r:.120}) finds {count} files now",
            file=self.file.name,
        )
        return found

    def _exists(self, path: Any) -> bool:
        """Python's ``os.path.exists``, of what lies beside the Snakefile now."""
        found = self.program.files.workdir / str(path)
        if not in_tree(found, self.program.files.tree):
            raise NotStaticError("a file that lies elsewhere")
        return found.exists()

    def span(self, node: ast.AST) -> Span:
        """Return the place of a piece of Python."""
        return span_of(node, self.file.name)

    # --- statements -------------------------------------------------------------------------------

    def run(self) -> None:
        """Follow the whole file."""
        self.block(self.file.tree.body)

    def block(self, body: Sequence[ast.stmt]) -> None:
        """Follow statements."""
        for statement in body:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Expr(value=ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=n)])) if (
                name == MARK
            ):
                self._construct(int(str(n)))
            case ast.Expr(value=ast.Call(func=ast.Name(id="validate")) as call):
                self._schema(call)
            case ast.Expr(value=value):
                self._effect(value)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._assign(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, value)
            case ast.AugAssign(target=target, op=op, value=value):
                left = ast.copy_location(
                    ast.Name(id=target.id, ctx=ast.Load())
                    if isinstance(target, ast.Name)
                    else target,
                    target,
                )
                self._assign(target, ast.copy_location(ast.BinOp(left, op, value), node))
            case ast.FunctionDef(name=name):
                self.names[name] = Function(node, self.names)
                self.program.python.append(node)
            case ast.Import() | ast.ImportFrom():
                self._import(node)
            case ast.If(test=test, body=then, orelse=otherwise):
                self._if(test, then, otherwise)
            case ast.For(target=target, iter=over, body=body):
                self._for(target, over, body)
            case ast.With(body=body):
                self._forget(node, deep=False)
                self.block(body)
            case ast.Try(body=body, handlers=handlers, finalbody=final):
                self.block([*body, *final])
                for handler in handlers:
                    self._maybe(handler.body)
            case ast.While(body=body):
                self._forget(node)
                self._maybe(body)
            case ast.ClassDef(name=name):
                self.names[name] = Unknown("a class")
                self.program.python.append(node)
            case _:
                self._forget(node)

    def _maybe(self, body: Sequence[ast.stmt]) -> None:
        self.unsure += 1
        self.block(body)
        self.unsure -= 1

    def _forget(self, node: ast.stmt, deep: bool = True) -> None:
        nodes = ast.walk(node) if deep else ast.iter_child_nodes(node)
        for each in nodes:
            for inner in ast.walk(each) if not deep else [each]:
                if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                    self.names[inner.id] = Unknown("set by Python that is not followed")
                    if not deep:
                        continue

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            again = target.id in self.names
            self.program.sources.pop(target.id, None)
            if not again and sees_config(value, self.program.sources):
                self.program.sources[target.id] = value
            self.program.python.append(
                ast.fix_missing_locations(
                    ast.copy_location(
                        ast.Assign(targets=[ast.Name(target.id, ast.Store())], value=value), value
                    )
                )
            )
        try:
            if self.unsure:
                raise NotStaticError("set under a condition that is not known")
            found = self.program.evaluator.value(value, self.names)
            if isinstance(target, ast.Subscript):
                of = self.program.evaluator.value(target.value, self.names)
                key = self.program.evaluator.value(target.slice, self.names)
                if isinstance(of, dict):
                    of[key] = found
                return
            bind(target, found, self.names)
        except NotStaticError as error:
            for each in ast.walk(target):
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                    self.names[each.id] = Unknown(error.message)

    def _schema(self, call: ast.Call) -> None:
        """Note the schema of a call of Snakemake's ``validate``, which reading does not check."""
        given = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "schema")]
        for node in given:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.program.files.need(self.folder / node.value, "a schema of the workflow")

    def _effect(self, value: ast.expr) -> None:
        """A call for its effect: those that change lists and maps are followed."""
        if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
            return
        method, of = value.func.attr, value.func.value
        if method not in ("append", "extend", "update", "setdefault", "insert", "add"):
            return
        try:
            target = self.program.evaluator.value(of, self.names)
            args = [self.program.evaluator.value(arg, self.names) for arg in value.args]
            if isinstance(target, list) and method == "append" and len(args) == 1:
                target.append(args[0])
            elif isinstance(target, list) and method == "extend" and len(args) == 1:
                target.extend(args[0])
            elif isinstance(target, dict) and method == "update" and len(args) == 1:
                target.update(args[0])
            elif isinstance(target, dict) and method == "setdefault" and len(args) == 2:
                target.setdefault(args[0], args[1])
            elif isinstance(target, set) and method == "add" and len(args) == 1:
                target.add(args[0])
            else:
                raise NotStaticError(method)
        except NotStaticError as error:
            if isinstance(of, ast.Name) and of.id != "config":
                self.names[of.id] = Unknown(error.message)
        except (TypeError, ValueError, KeyError) as error:
            if isinstance(of, ast.Name):
                self.names[of.id] = Unknown(str(error))

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.program.python.append(node)
        for alias in node.names:
            name = alias.asname or alias.name
            if isinstance(node, ast.Import):
                top = alias.name if alias.asname else alias.name.split(".")[0]
                shown = name if alias.asname else top
                if shown != "os" or alias.asname:
                    self.names[shown] = MODULES.get(top, Unknown(f"the module {alias.name}"))
            else:
                module = MODULES.get(node.module or "")
                values = module.values if isinstance(module, Members) else {}
                if alias.name in values:
                    self.names[name] = values[alias.name]
                elif node.module and node.module.startswith("snakemake"):
                    self.names.pop(name, None)
                else:
                    self.names[name] = Unknown(f"{alias.name} of the module {node.module}")

    def _if(self, test: ast.expr, then: Sequence[ast.stmt], otherwise: Sequence[ast.stmt]) -> None:
        try:
            known = bool(self.program.evaluator.value(test, self.names))
        except NotStaticError:
            self._maybe(then)
            self._maybe(otherwise)
            return
        self.block(then if known else otherwise)

    def _for(self, target: ast.expr, over: ast.expr, body: Sequence[ast.stmt]) -> None:
        try:
            items = list(self.program.evaluator.value(over, self.names))
            if len(items) > MAX_ROUNDS:
                raise NotStaticError("too many rounds")
            for item in items:
                bind(target, item, self.names)
                self.block(body)
        except (NotStaticError, TypeError):
            for each in ast.walk(target):
                if isinstance(each, ast.Name):
                    self.names[each.id] = Unknown("a loop that is not followed")
            self._maybe(body)

    # --- constructs -------------------------------------------------------------------------------

    def _construct(self, number: int) -> None:
        construct = self.file.constructs[number]
        if isinstance(construct, Rule):
            self._rule(construct)
        elif isinstance(construct, Module):
            self._module(construct)
        elif isinstance(construct, UseRule):
            self._use(construct)
        else:
            self._directive(construct)

    def argument(self, directive: Directive, index: int = 0) -> Any:
        """Return an argument of a directive.

        Raises:
            NotStaticError: it is not known.
        """
        assert directive.call is not None
        if len(directive.call.args) <= index:
            raise NotStaticError(f"{directive.name} without a value", directive.call)
        return self.program.evaluator.value(directive.call.args[index], self.names)

    def _rule(self, rule: Rule) -> None:
        program = self.program
        name = rule.name
        if "name" in rule.directives:
            try:
                name = str(self.argument(rule.directives["name"]))
            except NotStaticError:
                name = None
        if name is None:
            name = str(len(program.rules) + 1)
        if name in program.rules and self.unsure:
            name = next(
                f"{name}_{n}" for n in range(2, MAX_RULES) if f"{name}_{n}" not in program.rules
            )
        if name in program.rules:
            text = f"the rule {name!r:.80} is there twice"
            raise InvalidError.of("FWF1501", text, span=rule.span)
        if len(program.rules) >= MAX_RULES:
            raise InvalidError.of("FWF1009", f"more than {MAX_RULES} rules", span=rule.span)
        program.rules[name] = Definition(
            name, rule, self.file, self.folder, Layered(self.names), bool(self.unsure)
        )

    def _directive(self, directive: Directive) -> None:
        program = self.program
        match directive.name:
            case "include":
                self._include(directive)
            case "configfile":
                self._configfile(directive)
            case "report":
                with suppress(NotStaticError):
                    given = str(self.argument(directive))
                    program.files.need(self.folder / given, "the text of Snakemake's report")
            case "wildcard_constraints":
                program.constraints.update(self.constraints(directive))
            case "ruleorder":
                program.order.append(directive.names)
            case "localrules":
                program.local.update(directive.names)
            case "scattergather":
                self._scattergather(directive)
            case "onstart" | "onsuccess" | "onerror":
                program.onexit.add(directive.name)
                program.report.add("FWF1505", f"{directive.name} is not run", span=directive.span)
            case "container" | "singularity" | "conda" | "containerized":
                program.globals[directive.name] = directive
            case "workdir" | "subworkflow" | "pepfile" | "storage" | "envvars":
                program.report.add(
                    "FWF1505", f"{directive.name} is not followed", span=directive.span
                )
                program.globals[directive.name] = directive
                if directive.name == "pepfile":
                    self.names["pep"] = Unknown("a PEP")
                if directive.name == "subworkflow":
                    self.names[directive.names[0]] = Unknown("a subworkflow")

    def constraints(self, directive: Directive) -> dict[str, str]:
        """Return the wildcard constraints of a directive, as far as they are known."""
        found: dict[str, str] = {}
        assert directive.call is not None
        for keyword in directive.call.keywords:
            try:
                value = self.program.evaluator.value(keyword.value, self.names)
            except NotStaticError as error:
                self.program.report.add(
                    "FWF1504",
                    f"the constraint of {keyword.arg!r} is not known: {error.message}",
                    span=self.span(keyword.value),
                )
                continue
            if keyword.arg is None and isinstance(value, dict):
                found.update({str(k): str(v) for k, v in value.items()})
            elif keyword.arg is not None:
                found[keyword.arg] = str(value)
        return found

    def _scattergather(self, directive: Directive) -> None:
        assert directive.call is not None
        for keyword in directive.call.keywords:
            try:
                count = int(self.program.evaluator.value(keyword.value, self.names))
            except (NotStaticError, TypeError, ValueError):
                continue
            name = str(keyword.arg)
            self.program.scatter[name] = count
            self.names["scatter"].values[name] = self.main._scatter(name)

    def _include(self, directive: Directive) -> None:
        try:
            given = self.argument(directive)
        except NotStaticError as error:
            self.program.report.add(
                "FWF1504",
                f"which file is included is not known: {error.message}",
                span=directive.span,
            )
            self.program.unknown_rules.append(directive.span)
            return
        path = self._local(str(given), directive.span)
        if self.depth > 50:
            raise InvalidError.of("FWF1009", "includes are nested too deeply", span=directive.span)
        file = self.program.files.snakefile(path, directive.span)
        inner = Interpreter(self.program, file, path.parent, self.names, self.depth + 1)
        inner.main, inner.unsure, inner.modules = self.main, self.unsure, self.modules
        inner.run()

    def _local(self, given: str, span: Span) -> Path:
        if re.match(r"[A-Za-z][\w+.-]*://", given):
            raise InvalidError.of("FWF1007", f"{given!r:.200} is on the network", span=span)
        return self.folder / given

    def _configfile(self, directive: Directive) -> None:
        program = self.program
        try:
            given = str(self.argument(directive))
        except NotStaticError as error:
            program.config_known = False
            program.report.add(
                "FWF1504", f"which configuration is not known: {error.message}", span=directive.span
            )
            return
        files = program.files
        places = list(dict.fromkeys([files.workdir, files.folder, files.folder.parent]))
        for place in places:
            found = (
                files.config(place / given, directive.span) if (place / given).exists() else None
            )
            if found is not None:
                merge_config(program.config, found)
                return
        files.config(files.workdir / given, directive.span)  # it may lie outside
        program.config_known = False
        program.report.add("FWF1507", f"there is no {given!r:.200}", span=directive.span)

    # --- modules ----------------------------------------------------------------------------------

    def _module(self, module: Module) -> None:
        name = module.name
        if "name" in module.directives:
            try:
                name = str(self.argument(module.directives["name"]))
            except NotStaticError:
                name = ""
        self.modules[name] = module

    def _use(self, use: UseRule) -> None:
        if use.module is not None:
            self._use_module(use, use.module)
            return
        for name in use.names:
            base = self.program.rules.get(name)
            if base is None:
                hint = did_you_mean(name, self.program.rules)
                text = f"there is no rule {name!r:.80}"
                raise InvalidError.of("FWF1503", text, span=use.span, hint=hint)
            self._derived(base, name, use, (use.alias or name).replace("*", name))

    def _derived(self, base: Definition, name: str, use: UseRule, alias: str) -> None:
        directives = dict(base.rule.directives)
        for key, given in use.directives.items():
            if key in ("input", "output", "params", "resources") and key in directives:
                given = merged_directive(directives[key], given)
            directives[key] = given
        directives.pop("name", None)
        rule = replace(base.rule, name=alias, directives=directives, span=use.span)
        if alias in self.program.rules and alias != name:
            text = f"the rule {alias!r:.80} is there twice"
            raise InvalidError.of("FWF1501", text, span=use.span)
        names = Layered(base.names, self.names) if use.directives else base.names
        self.program.rules[alias] = replace(
            base, name=alias, rule=rule, names=names, unsure=base.unsure or bool(self.unsure)
        )

    def _use_module(self, use: UseRule, module_name: str) -> None:
        known = self.names.get(module_name)
        module = self.modules.get(module_name) or (
            self.modules.get(known) if isinstance(known, str) else None
        )
        if module is None:
            hint = did_you_mean(module_name, self.modules)
            text = f"there is no module {module_name!r:.80}"
            raise InvalidError.of("FWF1503", text, span=use.span, hint=hint)
        file, folder = self._module_file(module, use)
        if file is None:
            self.program.unknown_rules.append(use.span)
            return
        inner_program = Program(self.program.files, self.program.report, self.program.evaluator)
        if "config" in module.directives:
            try:
                inner_program.config.update(self.argument(module.directives["config"]))
            except (NotStaticError, TypeError, ValueError):
                inner_program.config_known = False
        inner = Interpreter(inner_program, file, folder, None, self.depth + 1)
        if self.depth > 20:
            raise InvalidError.of("FWF1009", "modules are nested too deeply", span=use.span)
        inner.run()
        self.program.order.extend(inner_program.order)
        self.names[module_name] = Members(
            **{k: v for k, v in inner.names.items() if k.isidentifier()}
        )
        replaced, prefix = prefixes(self, module)
        for name, definition in inner_program.rules.items():
            if (use.names and name not in use.names) or name in use.exclude:
                continue
            alias = (use.alias or name).replace("*", name)
            if use.alias and "*" not in use.alias and len(use.names) != 1:
                alias = name
            base = replace(
                definition,
                replaced={**replaced, **definition.replaced},
                prefix=prefix + definition.prefix,
                constraints={**inner_program.constraints, **definition.constraints},
            )
            if alias in self.program.rules:
                if not use.names:
                    continue
                del self.program.rules[alias]
            self._derived(base, name, use, alias)

    def _module_file(self, module: Module, use: UseRule) -> tuple[Snakefile | None, Path]:
        directive = module.directives.get("snakefile")
        why = "it has no snakefile"
        if directive is not None:
            try:
                given = str(self.argument(directive))
                path = self._local(given, directive.span)
                return self.program.files.snakefile(path, directive.span), path.parent
            except NotStaticError as error:
                why = error.message
            except InvalidError as error:
                if next(iter(error.report)).code == "FWF1007":
                    why = "it is on the network"
                else:
                    raise
        self.program.report.add(
            "FWF1504",
            f"the rules of the module {module.name!r} are not known: {why}",
            span=use.span,
        )
        return None, self.folder
