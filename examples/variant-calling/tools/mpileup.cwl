#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: mpileup
label: Pile up bases
doc: Gather the bases over each position, and how likely each allele is.
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
baseCommand: [bcftools, mpileup, --no-version, -O, u, -q, "20", -Q, "15", -a, "FORMAT/AD,FORMAT/DP"]
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
  alignments:
    type: File
    label: alignments
    doc: Alignments with their index.
    format: edam:format_2572
    secondaryFiles: [.bai]
    inputBinding: {position: 2}
outputs:
  likelihoods:
    type: stdout
    label: likelihoods
    doc: Likelihoods of the alleles at each position.
    format: edam:format_3020
stdout: $(inputs.sample).pileup.bcf

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
