#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: plot
label: Plot the variants
doc: Draw where in the genome each sample differs from the reference.
intent: [http://edamontology.org/operation_0337]
hints:
  ResourceRequirement:
    coresMin: 1
    ramMin: 128
    outdirMin: 50
  SoftwareRequirement:
    packages:
      python3:
        version: ["3.11"]
        specs: ["https://identifiers.org/rrid/RRID:SCR_008394"]
baseCommand: python3
inputs:
  script:
    type: File
    label: program
    doc: The Python program that does the work; standard library only.
    format: edam:format_3996
    default:
      class: File
      location: ../scripts/plot.py
      format: http://edamontology.org/format_3996
    inputBinding: {position: 0}
  reference:
    type: File
    label: reference
    doc: Genome; its length is the axis.
    format: edam:format_1929
    inputBinding: {position: 1}
  variants:
    type: File
    label: variants
    doc: Table of the variants of all samples.
    format: edam:format_3475
    inputBinding: {position: 2}
outputs:
  drawing:
    type: stdout
    label: drawing
    doc: One row a sample, one mark a variant.
    format: edam:format_3604
stdout: variants.svg

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
