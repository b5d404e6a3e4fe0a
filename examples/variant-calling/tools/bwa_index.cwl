#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: bwa_index
label: Index the reference for bwa
doc: Build the index beside the reference.
intent: [http://edamontology.org/operation_3211]
requirements:
  InitialWorkDirRequirement:
    listing:
      - $(inputs.reference)
hints:
  ResourceRequirement:
    coresMin: 1
    ramMin: 128
    outdirMin: 50
  SoftwareRequirement:
    packages:
      bwa:
        version: ["0.7.17"]
        specs: ["https://bio.tools/bwa"]
baseCommand: [bwa, index]
inputs:
  reference:
    type: File
    label: reference
    doc: Genome.
    format: edam:format_1929
    inputBinding:
      position: 1
      valueFrom: $(self.basename)
outputs:
  indexed:
    type: File
    label: indexed reference
    doc: Genome with the five files of the index.
    format: edam:format_1929
    secondaryFiles: [.amb, .ann, .bwt, .pac, .sa]
    outputBinding:
      glob: $(inputs.reference.basename)

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
