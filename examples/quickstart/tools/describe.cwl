#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: ExpressionTool
id: describe
label: Read the sidecar of a series
doc: >-
  Parse the JSON sidecar that travels with each series and hand its fields on as one record, so
  that later steps know the layout of the table and its unit.
intent: [http://edamontology.org/operation_2422]
requirements:
  InlineJavascriptRequirement: {}
inputs:
  sidecar:
    type: File
    label: sidecar
    doc: >-
      JSON file with title, quantity, unit, layout and observations_per_year. No format is demanded:
      a secondary file that an engine finds by its name has none.
    loadContents: true
outputs:
  description:
    label: description
    doc: What the sidecar says about the series.
    type:
      type: record
      fields:
        title: string
        quantity: string
        unit: string
        layout: {type: {type: enum, symbols: [dated, yearly, monthly]}}
        observations_per_year: int
expression: |-
  ${
    var sidecar = JSON.parse(inputs.sidecar.contents);
    var description = {};
    ["title", "quantity", "unit", "layout", "observations_per_year"].forEach(function (field) {
      if (!(field in sidecar)) {
        throw new Error(inputs.sidecar.basename + " lacks the field " + field);
      }
      description[field] = sidecar[field];
    });
    return {"description": description};
  }

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
