#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: filter
label: Filter variants
doc: Keep variants of enough quality and depth.
intent: [http://edamontology.org/operation_3675]
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
baseCommand: [bcftools, filter, --no-version, -O, z]
arguments:
  - position: 1
    prefix: -i
    valueFrom: QUAL>=$(inputs.min_quality) && FORMAT/DP>=$(inputs.min_depth)
inputs:
  sample:
    type: string
    label: sample
    doc: Name of the sample; the result is called after it.
  variants:
    type: File
    label: variants
    doc: Normalised variants.
    format: edam:format_3020
    inputBinding: {position: 2}
  min_quality:
    type: int
    label: least quality
    doc: Least Phred-scaled quality of a variant.
  min_depth:
    type: int
    label: least depth
    doc: Least number of reads over a variant.
outputs:
  kept:
    type: stdout
    label: filtered variants
    doc: Variants that passed.
    format: edam:format_3016
stdout: $(inputs.sample).vcf.gz

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
