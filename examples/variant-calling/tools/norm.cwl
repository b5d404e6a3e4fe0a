#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: norm
label: Normalise variants
doc: Trim alleles and shift them to the left, so that equal variants are spelled alike.
intent: [http://edamontology.org/operation_3435]
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
baseCommand: [bcftools, norm, --no-version, -O, u]
inputs:
  sample:
    type: string
    label: sample
    doc: Name of the sample; the result is called after it.
  reference:
    type: File
    label: reference
    doc: Genome with its .fai index.
    format: edam:format_1929
    secondaryFiles: [.fai]
    inputBinding: {position: 1, prefix: -f}
  variants:
    type: File
    label: variants
    doc: Called variants.
    format: edam:format_3020
    inputBinding: {position: 2}
outputs:
  normalised:
    type: stdout
    label: normalised variants
    doc: The same variants, normalised.
    format: edam:format_3020
stdout: $(inputs.sample).normalised.bcf

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
