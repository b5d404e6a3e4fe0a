"""Every diagnostic code with its severity, title and explanation (``fairwf explain CODE``).

Numbers: 1xxx reading and syntax; 2xxx checks; 3xxx conversion; 4xxx running; 5xxx crates and
provenance; 6xxx FAIRness; 9xxx the tool and its environment. Within 1xxx each format has a
hundred: 10xx any, 11xx CWL, 12xx WfFormat, 13xx IR files, 14xx WDL, 17xx Nextflow, 18xx traces of runs. A code is
never used again.
"""

from __future__ import annotations

from typing import Literal, NamedTuple


class Code(NamedTuple):
    """What a code means."""

    severity: Literal["error", "warning", "note"]
    title: str
    explanation: str
    fate: Literal["kept", "rewritten", "approximated", "lost"] | None = None
    advice: str | None = None
    """The hint of a finding that has none of its own."""


CODES: dict[str, Code] = {
    # --- reading any document
    "FWF1001": Code("error", "file not found", "The path names nothing. Paths are relative to the current folder, and those inside a document to that document."),
    "FWF1002": Code("error", "cannot be read", "The file exists but cannot be read: a folder instead of a file, or no permission."),
    "FWF1003": Code("error", "not readable as text", "The file is empty, binary or not UTF-8."),
    "FWF1004": Code("error", "broken syntax", "The text is not well-formed YAML or JSON at the place shown."),
    "FWF1005": Code("error", "unknown format", "No converter recognises the document. Name its format with --from, see `fairwf formats`."),
    "FWF1006": Code("note", "no reader", "The document is of a kind that fairwf recognises but cannot read."),
    "FWF1007": Code("error", "network needed", "The document refers to something on a network. Nothing is fetched unless --allow-network is given."),
    "FWF1008": Code("error", "path escape", "A reference leaves the folder that it must stay in."),
    "FWF1009": Code("error", "limit exceeded", "The document is larger or nested deeper than the limits for documents of strangers."),
    "FWF1010": Code("warning", "nothing to check", "The folder holds no document of a kind that fairwf knows. Hidden folders, installed packages and what .gitignore names are passed over."),
    "FWF1011": Code("error", "name of several", "A name is that of several files, and one was asked for. Name it by its path, or by its id."),
    "FWF1017": Code("warning", "link left out", "A link in a revision of a Git repository leads out of the repository, so the revision is read without it."),
    "FWF1018": Code("warning", "job file not checked", "What a job file may say depends on the workflow, and the workflow cannot be read. Mend the workflow first."),
    # --- CWL
    "FWF1101": Code("error", "invalid CWL", "The document breaks the CWL schema at the place shown."),
    "FWF1102": Code("error", "unknown CWL field", "The field is not part of CWL here. Foreign fields need a namespace prefix."),
    "FWF1103": Code("error", "missing CWL field", "A field that CWL requires is not there."),
    "FWF1104": Code("error", "unsupported CWL version", "The document's cwlVersion cannot be read."),
    "FWF1105": Code("error", "unsupported CWL requirement", "The document requires or is something that fairwf does not support; as a hint it would be ignored."),
    "FWF1106": Code("error", "unresolved CWL reference", "A reference (run, source, $import, type) points to nothing."),
    "FWF1107": Code("warning", "ignored CWL hint", "A hint is unknown and has no effect."),
    "FWF1108": Code("error", "invalid CWL expression", "The text of an expression or parameter reference is malformed."),
    "FWF1109": Code("error", "invalid CWL input value", "The job file gives a value that does not fit the input's type."),
    "FWF1112": Code("warning", "CWL requirement without effect", "The document asks for something that fairwf keeps and writes again, but does nothing about when it runs."),
    "FWF1113": Code("error", "undeclared CWL feature", "The document uses an optional feature of CWL without listing its requirement (for example ScatterFeatureRequirement) in the workflow or step."),
    "FWF1114": Code("note", "discouraged in CWL", "The document says something in a way that a newer version of CWL has replaced."),
    # --- WfFormat
    "FWF1201": Code("error", "invalid WfFormat", "The document breaks the WfFormat schema at the place shown."),
    "FWF1202": Code("error", "unknown WfFormat version", "The document's schemaVersion cannot be read."),
    "FWF1203": Code("warning", "inconsistent WfFormat", "Parts of the document contradict each other."),
    # --- IR files
    "FWF1301": Code("error", "invalid IR", "The document is no fairwf IR at the place shown."),
    "FWF1302": Code("error", "unknown IR version", "The document was made by a newer fairwf."),
    # --- WDL
    "FWF1401": Code("error", "invalid WDL", "The document breaks the grammar or the types of WDL at the place shown."),
    "FWF1402": Code("error", "unsupported WDL version", "The document's version of WDL cannot be read."),
    "FWF1403": Code("error", "unsupported WDL feature", "The document uses something of WDL that fairwf does not support."),
    "FWF1404": Code("error", "unresolved WDL reference", "An import, or the task that was asked for, is not there."),
    "FWF1405": Code("warning", "no WDL workflow", "The document has no workflow, and not just one task, so nothing in it can be run unless it is named."),
    "FWF1406": Code("error", "invalid WDL input value", "The job file gives a value that does not fit the document's inputs."),
    "FWF1408": Code("warning", "default of WDL in spite of None", "A call may hand None to an optional input that has a default. WDL keeps None; here the default counts.", fate="approximated"),
    "FWF1407": Code("warning", "WDL hints left out", "Hints tell engines what they may do; they change no result, and none is used."),
    "FWF1409": Code("warning", "need of a WDL task not understood", "What a task says of its memory, disks, GPUs or exit codes is in no form that could be read. It is kept, and counts for nothing.", fate="lost"),
    "FWF1410": Code("note", "discouraged in WDL", "The document says something in a way that its version of WDL deprecates; the next one may not have it."),
    "FWF1411": Code("warning", "text where WDL wants a number", "A plain text is the value of a number. WDL converts it when it is evaluated; this one never is a number, so the run ends there."),
    # --- Snakemake
    "FWF1501": Code("error", "invalid Snakefile", "The document breaks the grammar of Snakemake or Python at the place shown."),
    "FWF1502": Code("error", "unsupported Snakemake feature", "The document uses something of Snakemake that fairwf does not support."),
    "FWF1503": Code("error", "unresolved Snakemake reference", "A file that is included, a module, or a rule that is referred to is not there."),
    "FWF1504": Code("warning", "Python of a Snakefile not translated", "What a rule takes depends on Python that the neutral expressions cannot say. It is kept as text, and a run that needs it fails."),
    "FWF1505": Code("warning", "Snakemake directive without effect", "What the directive says is kept, but nothing is done about it when the workflow runs."),
    "FWF1506": Code("note", "names of files taken from the folder", "The Snakefile lists files with glob_wildcards; those that are there now are taken."),
    "FWF1507": Code("warning", "configuration of Snakemake not found", "A configuration file is not there, so its keys are inputs without defaults."),
    "FWF1508": Code("warning", "rounded for Snakemake", "A directive of Snakemake holds whole cores, whole MiB and whole minutes, or a demand where the document gives advice. The nearest that is enough is written.", fate="approximated"),
    "FWF1509": Code("warning", "without a place in a Snakefile", "No directive of Snakemake can hold this part of a resource, an environment or a retry. It is left out.", fate="lost"),
    # --- Galaxy
    "FWF1701": Code("error", "invalid Galaxy workflow", "The document breaks the form of a .ga or gxformat2 workflow at the place shown."),
    "FWF1702": Code("error", "unresolved Galaxy reference", "A step runs a workflow of another file or address, which is not read."),
    "FWF1703": Code("warning", "doubtful in Galaxy", "The document says something that Galaxy may read in another way, or not at all."),
    "FWF1704": Code("warning", "no container for Galaxy", "Galaxy runs user-defined tools in containers alone, and the process names none. An image of a plain system stands for it.", "approximated", "name an image that holds the programs (in CWL: DockerRequirement), or edit 'container' in the result"),
    "FWF1705": Code("warning", "Galaxy tool not understood", "A user-defined tool or wrapper says something that the IR cannot. The step stays abstract, and what the document says of it is kept."),
    # --- Nextflow
    "FWF1601": Code("error", "invalid Nextflow", "The script or configuration breaks the grammar of Nextflow's Groovy (DSL2) at the place shown."),
    "FWF1602": Code("error", "unresolved Nextflow reference", "An include, or a process or workflow that is called, is not there."),
    "FWF1603": Code("error", "no Nextflow workflow", "The script has no workflow, and not just one process, so there is nothing in it that could be read as a whole."),
    "FWF1604": Code("warning", "Groovy not translated", "The expressions of the IR cannot say this piece of Groovy. It is kept as text with the names that it sees, and cannot be run.", fate="kept"),
    "FWF1605": Code("warning", "part of Nextflow left out", "Something that Nextflow does has no counterpart here, and is left out.", fate="lost"),
    "FWF1606": Code("note", "Nextflow configuration in part", "A setting of nextflow.config, or a directive, concerns how Nextflow runs and not what the workflow is; it counts for nothing here."),
    "FWF1607": Code("warning", "near enough in Nextflow", "Nextflow can say this only nearly: an amount, a channel of conda, a value that may be none.", fate="approximated", advice="see whether it is near enough; converted to ir, it is kept as it is"),
    "FWF1608": Code("warning", "not said in Nextflow", "Nextflow has no place for this, so it is not in the result.", fate="lost", advice="convert to ir as well, which keeps it"),
    # --- traces of other engines
    "FWF1801": Code("error", "no trace of a run", "The folder or file holds nothing that one of the engines leaves behind of a run. `fairwf package --help` lists them."),
    "FWF1802": Code("error", "damaged trace", "What an engine left behind of a run cannot be read, or is not what that engine writes."),
    "FWF1803": Code("warning", "part of a trace left out", "A part of the trace is damaged, or tells nothing that could be used; the rest was read."),
    "FWF1804": Code("note", "a fact was taken for granted", "The trace leaves something open that is needed to read it, for instance the time zone of its times; the note says what was taken."),
    # --- checks
    "FWF2001": Code("error", "unknown name", "An expression names an input, step, output or local that does not exist."),
    "FWF2002": Code("error", "duplicate name", "Two things of one scope have the same id."),
    "FWF2003": Code("error", "type mismatch", "The value's type does not fit the type that is wanted."),
    "FWF2004": Code("error", "cycle", "Steps wait for each other."),
    "FWF2005": Code("error", "missing input", "An input without default gets no value."),
    "FWF2006": Code("error", "unknown input", "A value is given for an input that does not exist."),
    "FWF2007": Code("error", "invalid scatter", "The scatter is over something that is no collection, or over nothing."),
    "FWF2008": Code("error", "unknown function", "The IR has no standard function of this name, or it takes other arguments."),
    "FWF2009": Code("warning", "unused", "Nothing uses this."),
    "FWF2010": Code("error", "invalid input value", "The value given for an input does not fit its type."),
    "FWF2011": Code("error", "misplaced reference", "The reference has no meaning in this place."),
    "FWF2012": Code("warning", "may fail", "This is allowed, but fails when it runs unless the value happens to fit."),
    "FWF2013": Code("error", "misused keyed collection", "What a rule over demanded keys gives can only be asked for by key."),
    "FWF2014": Code("error", "endless collection", "A stream that may never end cannot be collected."),
    "FWF2015": Code("error", "inconsistent columns", "The columns of an instance differ in length, or name a task, file or machine that is not there."),
    # --- rules
    "FWF2101": Code("warning", "file not there", "A default or a staged file names a file beside the document that does not exist. Where nobody gives another file, the run fails."),
    "FWF2102": Code("warning", "step never runs", "The condition of the step is always false."),
    "FWF2103": Code("note", "step without use", "No output of the workflow needs the step, directly or through other steps."),
    "FWF2104": Code("note", "unused input", "No expression of the workflow or task sees the input, so its value changes nothing."),
    "FWF2105": Code("note", "shell quoting hazard", "A text that somebody gives stands unquoted in a command that a shell reads: blanks split it, and a ; or $( ) in it starts other programs."),
    "FWF2106": Code("note", "container not pinned", "The image has no tag, or one that is moved to newer images, so the same workflow runs other programs tomorrow."),
    "FWF2107": Code("note", "path of one machine", "A file is named by an absolute path, or a command by a path in somebody's home. On another machine it is not there."),
    "FWF2108": Code("warning", "secret in plain text", "The document holds what looks like a password, token or private key. Everybody who gets the document can use it."),
    "FWF2110": Code("note", "not portable", "Another workflow language has nothing for this: converted to it, it would be approximated or lost."),
    "FWF2120": Code("warning", "mark without effect", "A comment `# fairwf: ignore[...]` names no code that fairwf has."),
    # --- conversion
    "FWF3001": Code("error", "cannot be written", "The target has no way to say this, and no pass can remove it.", "lost", "write that part in another way, or choose another target (see `fairwf formats`)"),
    "FWF3002": Code("note", "rewritten", "The target cannot say this as it stands; it was rewritten with the same meaning.", "rewritten"),
    "FWF3003": Code("warning", "approximated", "The target can say this only nearly.", "approximated", "see whether it is near enough; converted to ir, it is kept as it is"),
    "FWF3004": Code("warning", "lost", "The target cannot say this, so it is not in the result.", "lost", "convert to ir as well, which keeps it"),
    "FWF3005": Code("error", "strict", "--strict was given and something would be approximated or lost; nothing was written."),
    "FWF3006": Code("error", "no writer", "The format cannot be written."),
    "FWF3007": Code("error", "output differs", "Source and target gave different outputs."),
    "FWF3008": Code("note", "files stay in the archive", "The document was read from a zip file. What it refers to by relative locations lies there, and the result needs it beside itself."),
    # --- running
    "FWF4001": Code("error", "task failed", "A program ended with an exit code that is no success."),
    "FWF4002": Code("error", "expression failed", "An expression could not be evaluated."),
    "FWF4003": Code("error", "output missing", "A task ended without an output that it declares."),
    "FWF4004": Code("error", "stalled", "Outputs are pending and nothing is running; the graph of waits is printed."),
    "FWF4005": Code("error", "program not found", "The program of a task is not installed or not on PATH."),
    "FWF4006": Code("error", "not executable", "The document is abstract: an operation has no implementation."),
    "FWF4007": Code("error", "time limit", "A task ran longer than its limit."),
    "FWF4008": Code("error", "not supported by the engine", "The engine cannot run this yet."),
    "FWF4009": Code("error", "input file missing", "A file that the inputs name does not exist."),
    "FWF4010": Code("error", "loop limit", "A loop did not end within its largest number of rounds."),
    "FWF4011": Code("error", "not enough resources", "A task wants more of a resource than the machine has."),
    "FWF4012": Code("error", "no such run", "The folder is no run directory, or its journal is damaged."),
    "FWF4013": Code("error", "run locked", "Another process is working on this run directory."),
    "FWF4014": Code("error", "unsafe path", "A task or document tried to read or write outside its folder."),
    "FWF4015": Code("warning", "container not used", "The task asks for a container and runs without one."),
    "FWF4016": Code("note", "waiting for approval", "A step waits until `fairwf approve` is called."),
    "FWF4017": Code("error", "cancelled", "The run was cancelled."),
    "FWF4018": Code("error", "invalid output", "A task gave an output that does not fit its declared type."),
    "FWF4019": Code("warning", "ontology not used", "An ontology that the document names for the formats of files cannot be read here, so formats count as equal only by name or by other ontologies."),
    "FWF4020": Code("error", "container image missing", "The image of a task's container is not on this machine. Nothing is fetched unless --allow-network is given."),
    "FWF4021": Code("warning", "software not provided", "The task asks for software that is neither an environment module nor in a conda environment of this machine. Its programs are taken from PATH, so their versions may differ."),
    "FWF4031": Code("note", "source changed since the run began", "A run keeps the documents as they were when it began, and resuming goes on with these. To run what stands there now, start a new run."),
    "FWF4035": Code("error", "no process was made", "A step was to make a process while the workflow ran, and what it made cannot run here."),
    "FWF4033": Code("error", "secret not kept", "The value of a secret input is not kept with a run, so resuming needs it again, from an environment variable."),
    "FWF4034": Code("warning", "secret not hidden", "A secret input holds what cannot be hidden, or a secret stands in an output of the run, where its program wrote it."),
    "FWF4032": Code("warning", "cached result not used", "A result in the folder of --cache is damaged, belongs to another user, or cannot be kept. The task runs as if there were none."),
    "FWF4042": Code("error", "invalid deployment file", "The file of --config, which says what jobs of a cluster are like, cannot be read or makes no sense; or the configuration of Parsl that it names cannot be run."),
    "FWF4043": Code("error", "job lost", "The batch job that a task was in was refused, cancelled or lost, as often as that is borne (lost_retries in the deployment file)."),
    "FWF4044": Code("warning", "trouble with a scheduler", "A batch scheduler did not answer, did not take a job, or a job of it was cancelled or lost; or pilots of Parsl ended before their time. Its tasks run again in another job, or in other pilots."),
    "FWF4045": Code("error", "nothing to run", "The document holds tasks or workflows for others to use, and does not say which of them runs."),
    "FWF4049": Code("warning", "memory not asked for", "A task asks for memory, and the deployment file says nothing of the memory of jobs (memory_mib), so that its job asks the batch scheduler for none. Jobs then get what the site gives where nothing is said."),
    "FWF4051": Code("warning", "output not declared", "The file in which a task tells its outputs (cwl.output.json) holds more than the outputs that the document declares. The rest is left out."),
    "FWF4061": Code("error", "site cannot run a step", "A step is bound to a site that cannot run it: files are copied there, or it is another machine, and the step needs more than that gives."),
    "FWF4062": Code("warning", "trouble with a site", "The connection to a site ended, files did not come there at the first try, or something was left there. It was tried again."),
    "FWF4063": Code("error", "site out of reach", "A site of the deployment file cannot be reached or used, or files do not come there, however often it was tried. The run can be resumed."),
    "FWF4041": Code("warning", "a file made way", "In the folder for outputs lay something of an output's name that no earlier run had put there, or that was changed since. It was renamed, not replaced."),
    # --- crates and provenance
    "FWF5001": Code("error", "no crate", "There is no readable ro-crate-metadata.json."),
    "FWF5002": Code("error", "crate not conformant", "The crate breaks a requirement of its profile."),
    "FWF5003": Code("error", "extra missing", "A part of fairwf that is not installed is needed."),
    "FWF5004": Code("error", "output exists", "The place to write to exists and is not what fairwf would replace."),
    "FWF5005": Code("warning", "file not copied", "A file of the run is missing, has changed or leaves its folder; the crate describes it by what the run recorded."),
    "FWF5006": Code("error", "unsafe crate", "The crate tries to escape its folder, to exhaust memory, or to make a reader fetch something."),
    "FWF5007": Code("warning", "fact missing", "A profile requires a fact that neither the run nor the metadata states; the crate says that it is not stated."),
    "FWF5018": Code("warning", "unfinished run", "The run had not ended, or was cancelled, when it was packaged: the crate describes what had happened until then."),
    "FWF5019": Code("note", "no step ran", "No step of the workflow ran, so the crate is a Workflow Run Crate: there are no steps' actions that a Provenance Run Crate could describe."),
    "FWF5020": Code("note", "described by steps", "The run has so many executions that the metadata describes steps; the executions stand one by one in N-Quads files beside it."),
    "FWF5101": Code("error", "malformed crate metadata", "The metadata is no flat, compact JSON-LD graph of entities with @id and @type (RO-Crate, \"RO-Crate JSON-LD\")."),
    "FWF5102": Code("error", "incomplete root", "The descriptor or the root of the crate lacks what every RO-Crate must say (\"Root Data Entity\")."),
    "FWF5103": Code("error", "data missing", "The crate does not hold a file that it describes, or holds another one."),
    "FWF5104": Code("error", "not a part", "A file or folder is described, but the root does not name it in hasPart, directly or through others."),
    "FWF5105": Code("error", "profile not met", "The crate claims a profile (Workflow RO-Crate, Workflow Run RO-Crate) and lacks what it requires."),
    "FWF5106": Code("warning", "not described", "An entity names another one of the crate that is not described."),
    "FWF5021": Code("warning", "tests packaged in part", "Tests of the workflow are too many or too large for the crate, cannot keep their places there, or lack a fact that Workflow Testing RO-Crate requires."),
    "FWF5022": Code("warning", "metadata contradict", "The workflow and the files beside it state different licences, versions or authors. The crate has what the first states: the workflow, then CITATION.cff, then codemeta.json."),
    "FWF5023": Code("note", "metadata in the copy only", "A file beside the workflow states facts that another source replaces, or that the metadata of a crate has no place for; they stand in the copy of the file."),
    "FWF5025": Code("warning", "secret in clear", "An input of the run is named like a password, token or key and was not stated as a secret (cwltool:Secrets), so the crate shows its value to everybody."),
    "FWF5026": Code("note", "variables left out", "The document computes variables of the environment whose values the run did not record; the crate names them as parameters and has no values for them."),
    "FWF5027": Code("warning", "file of the workflow not packaged", "A file that the workflow needs (an environment, a script, a notebook, a schema) is not there, lies outside of the workflow's own folders, is hidden there (a name that begins with a dot) or is too large, so the crate does not hold it."),
    "FWF5024": Code("note", "drawn from metadata", "The main workflow of the crate cannot be read, so what the crate's metadata say of it is drawn: steps, connections, parts, or what ran."),
    "FWF5031": Code("note", "no crate yet", "--crate packages runs that completed. One that failed or was stopped is packaged by `fairwf package`, or by `fairwf resume --crate` when it completes."),
    # --- publishing
    "FWF5201": Code("error", "fact missing for publishing", "The repository requires a fact that the crate does not state. Nothing was sent."),
    "FWF5202": Code("error", "refused by the server", "The server refuses what was sent, and says why. What it holds already is kept, and the next call continues."),
    "FWF5203": Code("error", "server out of reach", "The server does not answer, fails, or is not what the address promises. What it holds already is kept, and the next call continues."),
    "FWF5204": Code("error", "no valid token", "There is no token, or the server does not accept it: it has expired, was revoked, or lacks a right. Tokens come from the environment or the keyring only."),
    "FWF5205": Code("warning", "record says less", "The record in the repository leaves out or guesses something. The crate itself is published whole."),
    "FWF5206": Code("error", "file arrives damaged", "The checksum that the server gives for a file is not the one that it has here."),
    "FWF5207": Code("warning", "notes unreadable", "The notes that a publication keeps beside the crate cannot be read. The server is asked for the draft instead."),
    "FWF5208": Code("error", "crate cannot be published so", "The crate is packed or arranged in a way that this target cannot take."),
    "FWF5209": Code("error", "would be public at once", "The record is public, and the server has no drafts of its new versions. Nothing was sent; --publish adds the version."),
    # --- verified conversions
    "FWF5301": Code("error", "conversion differs", "Source and result were run with the same inputs, and their outputs are not the same; or one of them does not run."),
    "FWF5302": Code("note", "not its own engine", "A document was run by fairwf, since the engine of its own format is not installed or cannot run here: the verdict then says less."),
    # --- FAIRness
    "FWF6001": Code("note", "FAIRness can be better", "An indicator is below its highest level."),
    "FWF6002": Code("error", "FAIRness under the minimum", "The maturity level is below what --min-level asks for."),
    # --- the tool
    "FWF9001": Code("error", "wrong usage", "The command was called in a way that makes no sense."),
    "FWF9002": Code("error", "environment failed", "The tool's environment failed: disk, rights, memory, a missing program."),
    "FWF9010": Code("error", "invalid configuration", "fairwf.toml, or [tool.fairwf] in pyproject.toml, cannot be read or says something that has no meaning."),
    "FWF9004": Code("warning", "converter left out", "A converter that another package brings cannot be loaded. Everything else works without it."),
    "FWF9003": Code("error", "internal error", "A bug in fairwf. Please report it with the document that shows it."),
}  # fmt: skip
"""Every code."""
