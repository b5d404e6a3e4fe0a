#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: merge
label: Merge the samples
doc: One row a variant, one column a sample; needs at least two samples.
intent: [http://edamontology.org/operation_3436]
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
baseCommand: [bcftools, merge, --no-version, -O, z]
inputs:
  variants:
    type: File[]
    label: variants
    doc: Variants of each sample with their index.
    format: edam:format_3016
    secondaryFiles: [.tbi]
    inputBinding: {position: 1}
outputs:
  merged:
    type: stdout
    label: merged variants
    doc: Variants of all samples.
    format: edam:format_3016
stdout: variants.vcf.gz

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
