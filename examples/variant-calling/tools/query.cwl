#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: query
label: Write variants as a table
doc: Position, alleles, quality and one genotype a sample.
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
baseCommand: [bcftools, query, -H, -f, '%CHROM\t%POS\t%REF\t%ALT\t%QUAL[\t%GT]\n']
inputs:
  variants:
    type: File
    label: variants
    doc: Variants of all samples.
    format: edam:format_3016
    inputBinding: {position: 1}
outputs:
  table:
    type: stdout
    label: table
    doc: One row a variant, one column a sample.
    format: edam:format_3475
stdout: variants.tsv

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
