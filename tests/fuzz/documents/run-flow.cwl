cwlVersion: v1.2
class: Workflow
requirements:
  ScatterFeatureRequirement: {}
  InlineJavascriptRequirement: {}
  StepInputExpressionRequirement: {}
inputs:
  words: string[]
  count: int?
  table: File?
steps:
  say:
    scatter: word
    in:
      word: words
      count: count
    out: [text]
    run:
      class: CommandLineTool
      baseCommand: [printf, '%s\n']
      inputs:
        word: {type: string, inputBinding: {position: 1}}
        count: {type: int?, inputBinding: {position: 2, prefix: -n}}
      stdout: $(inputs.word).txt
      outputs:
        text: stdout
  join:
    in:
      texts: say/text
      table: table
    out: [whole]
    when: $(inputs.texts.length < 40)
    run:
      class: CommandLineTool
      baseCommand: cat
      inputs:
        texts: {type: 'File[]', inputBinding: {position: 1}}
        table: {type: File?, inputBinding: {position: 2}}
      stdout: whole.txt
      outputs:
        whole: stdout
outputs:
  texts: {type: 'File[]', outputSource: say/text}
  whole: {type: File?, outputSource: join/whole}
