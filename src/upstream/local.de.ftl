# Die Konten, die dieses Portal selbst führt.

source-local = aus Ihrem lokalen Konto
local-provider-title = Mit Ihrem { $portal }-Konto anmelden
