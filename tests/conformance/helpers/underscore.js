/* The one function of the Underscore library that the suite uses: templates with <%= ... %>. */
var _ = {
  template: function (text, settings) {
    var body = "var out = '';\n";
    text.split("<%=").forEach(function (piece, number) {
      var rest = piece;
      if (number > 0) {
        var end = piece.indexOf("%>");
        body += "out += (" + piece.slice(0, end) + ");\n";
        rest = piece.slice(end + 2);
      }
      body += "out += " + JSON.stringify(rest) + ";\n";
    });
    return new Function(settings.variable, body + "return out;");
  }
};
