cwlVersion: v1.2
class: Workflow
id: chain
doc: What one step makes is what the next one takes.
inputs:
  table: File
outputs:
  first:
    type: File
    outputSource: head/lines
steps:
  sort:
    run:
      class: CommandLineTool
      baseCommand: sort
      inputs:
        table: { type: File, inputBinding: {} }
      outputs:
        lines: { type: stdout }
      stdout: sorted.txt
    in: { table: table }
    out: [lines]
  head:
    run:
      class: CommandLineTool
      baseCommand: [head, -n, "1"]
      inputs:
        table: { type: File, inputBinding: {} }
      outputs:
        lines: { type: stdout }
      stdout: first.txt
    in: { table: sort/lines }
    out: [lines]
