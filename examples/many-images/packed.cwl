cwlVersion: v1.2
class: Workflow
doc: Images are drawn on the disk of the node and packed, a tar file for each batch; results are tables.
requirements: {ScatterFeatureRequirement: {}, InlineJavascriptRequirement: {}, StepInputExpressionRequirement: {}}
inputs:
  program: {type: File, default: {class: File, location: images.py}}
  batches: int[]
  count: {type: int, doc: How many images a batch has.}
outputs:
  summary: {type: File, outputSource: sum/summary}
steps:
  expose:
    scatter: batch
    in: {program: program, batch: batches, count: count}
    out: [made]
    run:
      class: CommandLineTool
      inputs:
        program: {type: File, inputBinding: {position: 0}}
        batch: {type: int, inputBinding: {position: 2}}
        count: {type: int, inputBinding: {position: 3}}
      baseCommand: [python3]
      arguments: [{position: 1, valueFrom: expose}, {position: 2, valueFrom: --pack}]
      outputs: {made: {type: File, outputBinding: {glob: "batch.tar"}}}
  measure:
    scatter: images
    in: {program: program, images: expose/made}
    out: [results]
    run:
      class: CommandLineTool
      inputs:
        program: {type: File, inputBinding: {position: 0}}
        images: {type: File, inputBinding: {position: 4}}
      baseCommand: [python3]
      arguments: [{position: 1, valueFrom: measure}, {position: 2, valueFrom: --pack}]
      outputs: {results: {type: File, outputBinding: {glob: "results.csv"}}}
  sum:
    in:
      program: program
      results: {source: measure/results}
    out: [summary]
    run:
      class: CommandLineTool
      inputs:
        program: File
        results: "File[]"
      requirements:
        InitialWorkDirRequirement:
          listing: [{entryname: files.txt, entry: "$(inputs.results.map(function (f) { return f.path }).join('\\n') + '\\n')"}]
        InlineJavascriptRequirement: {}
      arguments: [python3, $(inputs.program.path), sum, files.txt]
      stdout: summary.json
      outputs: {summary: stdout}
