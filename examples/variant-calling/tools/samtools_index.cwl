#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: samtools_index
label: Index alignments
doc: Write the .bai index beside the alignments.
intent: [http://edamontology.org/operation_0227]
requirements:
  InitialWorkDirRequirement:
    listing:
      - $(inputs.alignments)
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
baseCommand: [samtools, index]
inputs:
  alignments:
    type: File
    label: alignments
    doc: Alignments by position.
    format: edam:format_2572
    inputBinding:
      position: 1
      valueFrom: $(self.basename)
outputs:
  indexed:
    type: File
    label: indexed alignments
    doc: The alignments with their index.
    format: edam:format_2572
    secondaryFiles: [.bai]
    outputBinding:
      glob: $(inputs.alignments.basename)

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
