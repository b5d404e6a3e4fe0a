#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: plot
label: Plot yearly series with their trends
doc: >-
  Draw one panel a series as SVG. The tool writes its configuration from its parameters and stages
  it beside the tables.
intent: [http://edamontology.org/operation_0337]
requirements:
  InlineJavascriptRequirement: {}
  InitialWorkDirRequirement:
    listing:
      - $(inputs.yearly)
      - $(inputs.trends)
      - entryname: plot.json
        entry: |-
          ${
            return JSON.stringify({
              "title": inputs.title,
              "alpha": inputs.alpha,
              "panels": inputs.yearly.map(function (table, position) {
                var description = inputs.descriptions[position];
                return {
                  "title": description.title,
                  "unit": description.quantity + ", " + description.unit,
                  "yearly": table.basename,
                  "trend": inputs.trends[position].basename
                };
              })
            });
          }
hints:
  ResourceRequirement:
    coresMin: 1
    ramMin: 64
    outdirMin: 10
  SoftwareRequirement:
    packages:
      python3:
        version: ["3.11"]
        specs: ["https://identifiers.org/rrid/RRID:SCR_008394"]
baseCommand: python3
arguments:
  - position: 1
    valueFrom: plot.json
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
  title:
    type: string
    label: title
    doc: Heading of the drawing.
  alpha:
    type: double
    label: level of significance
    doc: Trends with a p value below it are drawn as significant.
  yearly:
    type: File[]
    label: yearly means
    doc: One table a series.
    format: edam:format_3752
  trends:
    type: File[]
    label: trends
    doc: One result of the trend step a series, in the same order.
    format: edam:format_3464
  descriptions:
    label: descriptions
    doc: One record a series, in the same order.
    type:
      type: array
      items:
        type: record
        fields:
          title: string
          quantity: string
          unit: string
          layout: {type: {type: enum, symbols: [dated, yearly, monthly]}}
          observations_per_year: int
  filename:
    type: string
    label: file name
    doc: Name of the drawing.
outputs:
  drawing:
    type: stdout
    label: drawing
    doc: The drawing.
    format: edam:format_3604
stdout: $(inputs.filename)

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
