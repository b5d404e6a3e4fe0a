cwlVersion: v1.2
class: CommandLineTool
requirements:
  InlineJavascriptRequirement: {}
  InitialWorkDirRequirement:
    listing:
      - {entryname: $(inputs.name), entry: $(inputs.text)}
      - $(inputs.file)
  EnvVarRequirement:
    envDef: {WORD: $(inputs.text)}
  ResourceRequirement: {coresMin: $(inputs.cores)}
  ToolTimeLimit: {timelimit: 20}
baseCommand: [ls, -a]
inputs:
  name: string
  text: {type: string, inputBinding: {valueFrom: '--ignore=$(self)'}}
  file: {type: File, secondaryFiles: [{pattern: .idx, required: false}], loadContents: true}
  folder: {type: Directory?, loadListing: deep_listing}
  pattern: string
  cores: float
  any: {type: Any?, inputBinding: {prefix: --ignore=, separate: false}}
outputs:
  found: {type: 'File[]', outputBinding: {glob: $(inputs.pattern)}}
  text: {type: string, outputBinding: {outputEval: $(inputs.file.contents)}}
