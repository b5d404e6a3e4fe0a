cwlVersion: v1.2
class: Workflow
id: nested
doc: A step that is a workflow itself.
requirements:
  SubworkflowFeatureRequirement: {}
inputs:
  table: File
outputs:
  lines:
    type: File
    outputSource: inner/lines
steps:
  inner:
    run:
      class: Workflow
      inputs:
        table: File
      outputs:
        lines:
          type: File
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
          in: { table: table }
          out: [lines]
    in: { table: table }
    out: [lines]
