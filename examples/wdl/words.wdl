version 1.1

# Counts the words of texts, and tells which text has the most.

struct Count {
  String name
  Int words
}

task count_words {
  input {
    File text
  }
  command <<<
    wc -w < '~{text}'
  >>>
  output {
    Count count = Count {
      name: basename(text, ".txt"),
      words: read_int(stdout())
    }
  }
  runtime {
    cpu: 1
    memory: "256 MiB"
  }
}

task report {
  input {
    Array[String] names
    Array[Int] numbers
    String title = "words"
  }
  command <<<
    echo '~{title}'
    paste '~{write_lines(names)}' '~{write_tsv(transpose([numbers]))}' | sort -k2,2nr
  >>>
  output {
    File table = stdout()
    String most = read_tsv(stdout())[1][0]
  }
}

workflow words {
  input {
    Array[File]+ texts
    Boolean with_report = true
  }
  scatter (text in texts) {
    call count_words { input: text }
    String name = count_words.count.name
    Int number = count_words.count.words
  }
  if (with_report) {
    call report { input: names = name, numbers = number }
  }
  output {
    Array[Count] counts = count_words.count
    File? table = report.table
    String? most = report.most
  }
  meta {
    description: "Counts the words of texts, and tells which text has the most."
  }
}
