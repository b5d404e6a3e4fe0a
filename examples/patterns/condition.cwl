cwlVersion: v1.2
class: Workflow
id: condition
doc: A step that only runs where somebody wants it; its output may be missing.
inputs:
  table: File
  wanted: boolean
outputs:
  lines:
    type: File?
    outputSource: sort/lines
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
    when: $(inputs.wanted)
    in: { table: table, wanted: wanted }
    out: [lines]
