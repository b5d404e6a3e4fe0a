#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: markdup
label: Mark duplicates
doc: Flag read pairs that are copies of one fragment.
intent: [http://edamontology.org/operation_3695]
hints:
  ResourceRequirement:
    coresMin: 1
    ramMin: 128
    outdirMin: 50
  SoftwareRequirement:
    packages:
      samtools:
        version: ["1.16.1"]
        specs: ["https://bio.tools/samtools"]
baseCommand: [samtools, markdup, --no-PG]
arguments:
  - position: 2
    valueFrom: $(inputs.sample).bam
inputs:
  sample:
    type: string
    label: sample
    doc: Name of the sample; the result is called after it.
  alignments:
    type: File
    label: sorted alignments
    doc: Alignments by position, with mate scores.
    format: edam:format_2572
    inputBinding: {position: 1}
outputs:
  marked:
    type: File
    label: marked alignments
    doc: The same alignments with duplicates flagged.
    format: edam:format_2572
    outputBinding:
      glob: $(inputs.sample).bam

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
