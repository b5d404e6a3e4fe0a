#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: call
label: Call variants
doc: Call variants of a haploid genome.
intent: [http://edamontology.org/operation_3227]
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
baseCommand: [bcftools, call, --no-version, --ploidy, "1", -m, -v, -O, u]
inputs:
  sample:
    type: string
    label: sample
    doc: Name of the sample; the result is called after it.
  likelihoods:
    type: File
    label: likelihoods
    doc: Likelihoods of the alleles at each position.
    format: edam:format_3020
    inputBinding: {position: 1}
outputs:
  variants:
    type: stdout
    label: variants
    doc: Called variants.
    format: edam:format_3020
stdout: $(inputs.sample).called.bcf

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
