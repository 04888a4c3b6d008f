package cli

// globals are the flags of every verb.
type globals struct {
	Help    helpFlag    `short:"h" group:"global" help:"Show help for a command."`
	Version versionFlag `group:"global" name:"version" help:"Show the version."`

	Only   []string `group:"global" sep:"none" placeholder:"ADDRESS" help:"Only objects with this address; * matches within a segment, ** any depth. Repeatable."`
	Except []string `group:"global" sep:"none" placeholder:"ADDRESS" help:"All but objects with this address. Repeatable."`
	Tag    []string `group:"global" short:"t" sep:"none" placeholder:"KEY=VALUE" help:"Set a CUE tag. Repeatable."`

	Sandbox     bool    `group:"global" help:"Use the embedded Mihu instead of the network."`
	SandboxData string  `group:"global" placeholder:"FILE" complete:"file" help:"Where the embedded Mihu keeps its state; .mihusync/sandbox.json beside cue.mod by default."`
	BaseURL     string  `group:"global" name:"base-url" placeholder:"URL" help:"Use the server at this address (MIHU_BASE_URL)."`
	RPS         float64 `group:"global" name:"rps" min:"0" placeholder:"N" help:"Most requests a second. The server's own limit is honoured in any case."`

	AllowHost []string `group:"global" name:"allow-host" sep:"none" placeholder:"HOST" help:"Let the files choose this host as their server too (MIHUSYNC_ALLOW_HOSTS). Repeatable."`

	Color     string `group:"global" enum:"auto,always,never" default:"auto" help:"Colour: ${enum}. NO_COLOR is honoured."`
	LogFormat string `group:"global" name:"log-format" enum:"text,json" default:"text" help:"Form of what is told on standard error: ${enum}; json has one event a line."`
	DebugHTTP bool   `group:"global" name:"debug-http" help:"Show requests and answers on standard error, secrets left out."`
	Verbose   bool   `group:"global" short:"v" help:"Tell more, such as the requests made."`
	Quiet     bool   `group:"global" short:"q" help:"Tell nothing but results and errors."`
}
