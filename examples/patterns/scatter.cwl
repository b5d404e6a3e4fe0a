cwlVersion: v1.2
class: Workflow
id: scatter
doc: Each item of a list goes through the same step, and a last one gathers what came out.
requirements:
  ScatterFeatureRequirement: {}
inputs:
  tables: File[]
outputs:
  all:
    type: File
    outputSource: gather/joined
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
    scatter: table
    in: { table: tables }
    out: [lines]
  gather:
    run:
      class: CommandLineTool
      baseCommand: cat
      inputs:
        tables: { type: "File[]", inputBinding: {} }
      outputs:
        joined: { type: stdout }
      stdout: all.txt
    in: { tables: sort/lines }
    out: [joined]
