#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: Workflow
id: sample
label: Call the variants of one sample
doc: Align, mark duplicates, call, normalise and filter variants, and count.
intent: [http://edamontology.org/operation_3227]
inputs:
  sample:
    type: string
    label: sample
    doc: Name of the sample; the result is called after it.
  reads_1:
    type: File
    label: first reads
    doc: First read of each pair, may be gzipped.
    format: edam:format_1930
  reads_2:
    type: File
    label: second reads
    doc: Second read of each pair, in the same order.
    format: edam:format_1930
  aligner_reference:
    type: File
    label: reference for bwa
    doc: Genome with bwa's index.
    format: edam:format_1929
    secondaryFiles: [.amb, .ann, .bwt, .pac, .sa]
  caller_reference:
    type: File
    label: reference for bcftools
    doc: Genome with its .fai index.
    format: edam:format_1929
    secondaryFiles: [.fai]
  min_quality:
    type: int
    label: least quality
    doc: Least Phred-scaled quality of a variant.
  min_depth:
    type: int
    label: least depth
    doc: Least number of reads over a variant.
outputs:
  alignments:
    type: File
    label: alignments
    doc: Alignments by position with duplicates flagged, and their index.
    format: edam:format_2572
    secondaryFiles: [.bai]
    outputSource: index_alignments/indexed
  counts:
    type: File
    label: counts
    doc: Counts of alignments by flag.
    format: edam:format_3464
    outputSource: flagstat/counts
  variants:
    type: File
    label: variants
    doc: Filtered variants and their index.
    format: edam:format_3016
    secondaryFiles: [.tbi]
    outputSource: index_variants/indexed
  statistics:
    type: File
    label: statistics
    doc: The report of bcftools stats.
    format: edam:format_2330
    outputSource: stats/statistics
steps:
  align:
    label: Align
    doc: Read pairs to the reference.
    run: bwa_mem.cwl
    in: {sample: sample, reference: aligner_reference, reads_1: reads_1, reads_2: reads_2}
    out: [alignments]
  fixmate:
    label: Add mate scores
    doc: Needed by markdup.
    run: fixmate.cwl
    in: {sample: sample, alignments: align/alignments}
    out: [fixed]
  sort:
    label: Sort
    doc: By position.
    run: samtools_sort.cwl
    in: {sample: sample, alignments: fixmate/fixed}
    out: [sorted]
  markdup:
    label: Mark duplicates
    doc: Copies of one fragment are no independent evidence.
    run: markdup.cwl
    in: {sample: sample, alignments: sort/sorted}
    out: [marked]
  index_alignments:
    label: Index alignments
    doc: For random access.
    run: samtools_index.cwl
    in: {alignments: markdup/marked}
    out: [indexed]
  flagstat:
    label: Count alignments
    doc: Quality control of the alignment.
    run: flagstat.cwl
    in: {sample: sample, alignments: markdup/marked}
    out: [counts]
  pileup:
    label: Pile up bases
    doc: Duplicates and doubtful alignments are left out.
    run: mpileup.cwl
    in: {sample: sample, reference: caller_reference, alignments: index_alignments/indexed}
    out: [likelihoods]
  call:
    label: Call variants
    doc: A phage is haploid.
    run: call.cwl
    in: {sample: sample, likelihoods: pileup/likelihoods}
    out: [variants]
  normalise:
    label: Normalise variants
    doc: Equal variants are spelled alike in all samples.
    run: norm.cwl
    in: {sample: sample, reference: caller_reference, variants: call/variants}
    out: [normalised]
  filter:
    label: Filter variants
    doc: By quality and depth.
    run: filter.cwl
    in:
      sample: sample
      variants: normalise/normalised
      min_quality: min_quality
      min_depth: min_depth
    out: [kept]
  index_variants:
    label: Index variants
    doc: The merge needs it.
    run: bcftools_index.cwl
    in: {variants: filter/kept}
    out: [indexed]
  stats:
    label: Count variants
    doc: By kind.
    run: stats.cwl
    in: {sample: sample, variants: index_variants/indexed}
    out: [statistics]

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
