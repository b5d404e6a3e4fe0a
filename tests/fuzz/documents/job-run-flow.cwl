words: [one, two]
count: 3
table: {class: File, path: data.txt}
