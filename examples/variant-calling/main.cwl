#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: Workflow
id: main
label: Variant calling on a haploid genome
doc: |-
  Where do samples of a virus differ from its reference genome?

  The read pairs of each sample are aligned with bwa; duplicates are marked; variants are called,
  normalised and filtered with bcftools. The variants of all samples are merged into one table and
  drawn along the genome.

  Input: a reference genome (FASTA) and the read pairs (FASTQ) of two or more samples.
  Output: alignments, variants and statistics of each sample, merged variants, a summary, a drawing.
intent: [http://edamontology.org/operation_3227]
requirements:
  ScatterFeatureRequirement: {}
  SubworkflowFeatureRequirement: {}
inputs:
  reference:
    type: File
    label: reference
    doc: Genome, one FASTA file, not compressed.
    format: edam:format_1929
  samples:
    type: string[]
    label: samples
    doc: Name of each sample; files are called after it.
  reads_1:
    type: File[]
    label: first reads
    doc: First read of each pair, one file a sample, in the order of the samples.
    format: edam:format_1930
  reads_2:
    type: File[]
    label: second reads
    doc: Second read of each pair, one file a sample, in the order of the samples.
    format: edam:format_1930
  min_quality:
    type: int
    label: least quality
    doc: Least Phred-scaled quality of a variant.
    default: 30
  min_depth:
    type: int
    label: least depth
    doc: Least number of reads over a variant.
    default: 8
outputs:
  alignments:
    type: File[]
    label: alignments
    doc: Alignments of each sample, duplicates flagged, with index.
    format: edam:format_2572
    secondaryFiles: [.bai]
    outputSource: call_sample/alignments
  variants:
    type: File[]
    label: variants
    doc: Filtered variants of each sample, with index.
    format: edam:format_3016
    secondaryFiles: [.tbi]
    outputSource: call_sample/variants
  statistics:
    type: File[]
    label: statistics
    doc: Report of bcftools stats of each sample.
    format: edam:format_2330
    outputSource: call_sample/statistics
  merged:
    type: File
    label: merged variants
    doc: Variants of all samples.
    format: edam:format_3016
    outputSource: merge/merged
  table:
    type: File
    label: table of variants
    doc: One row a variant, one column a sample.
    format: edam:format_3475
    outputSource: tabulate/table
  summary:
    type: File
    label: summary
    doc: Reads, mapped reads, duplicates and variants of each sample.
    format: edam:format_3475
    outputSource: summarise/table
  drawing:
    type: File
    label: drawing
    doc: Where in the genome each sample differs from the reference.
    format: edam:format_3604
    outputSource: draw/drawing
steps:
  index_for_bwa:
    label: Index the reference for bwa
    doc: Once for all samples.
    run: tools/bwa_index.cwl
    in: {reference: reference}
    out: [indexed]
  index_for_bcftools:
    label: Index the reference for bcftools
    doc: Once for all samples.
    run: tools/faidx.cwl
    in: {reference: reference}
    out: [indexed]
  call_sample:
    label: Call the variants of each sample
    doc: The subworkflow runs once a sample.
    run: tools/sample.cwl
    scatter: [sample, reads_1, reads_2]
    scatterMethod: dotproduct
    in:
      sample: samples
      reads_1: reads_1
      reads_2: reads_2
      aligner_reference: index_for_bwa/indexed
      caller_reference: index_for_bcftools/indexed
      min_quality: min_quality
      min_depth: min_depth
    out: [alignments, counts, variants, statistics]
  merge:
    label: Merge the samples
    doc: One row a variant.
    run: tools/merge.cwl
    in: {variants: call_sample/variants}
    out: [merged]
  tabulate:
    label: Write the variants as a table
    doc: For people and for the drawing.
    run: tools/query.cwl
    in: {variants: merge/merged}
    out: [table]
  summarise:
    label: Gather the counts
    doc: One row a sample.
    run: tools/summary.cwl
    in: {samples: samples, counts: call_sample/counts, statistics: call_sample/statistics}
    out: [table]
  draw:
    label: Draw the variants
    doc: Along the genome.
    run: tools/plot.cwl
    in: {reference: reference, variants: tabulate/table}
    out: [drawing]

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
s:keywords: [variant calling, read mapping, bacteriophage lambda, bwa, samtools, bcftools]
s:about:
  - '@type': https://schema.org/DefinedTerm
    s:name: Genetic variation
    s:url: http://edamontology.org/topic_0199
s:citation:
  - https://doi.org/10.48550/arXiv.1303.3997
  - https://doi.org/10.1093/gigascience/giab008
