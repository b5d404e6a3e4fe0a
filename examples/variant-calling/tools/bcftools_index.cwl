#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: bcftools_index
label: Index variants
doc: Write the .tbi index beside the variants.
intent: [http://edamontology.org/operation_0227]
requirements:
  InitialWorkDirRequirement:
    listing:
      - $(inputs.variants)
hints:
  ResourceRequirement:
    coresMin: 1
    ramMin: 128
    outdirMin: 50
  SoftwareRequirement:
    packages:
      bcftools:
        version: ["1.16"]
        specs: ["https://bio.tools/bcftools"]
baseCommand: [bcftools, index, --tbi]
inputs:
  variants:
    type: File
    label: variants
    doc: Compressed variants by position.
    format: edam:format_3016
    inputBinding:
      position: 1
      valueFrom: $(self.basename)
outputs:
  indexed:
    type: File
    label: indexed variants
    doc: The variants with their index.
    format: edam:format_3016
    secondaryFiles: [.tbi]
    outputBinding:
      glob: $(inputs.variants.basename)

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
