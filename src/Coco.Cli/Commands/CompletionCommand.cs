using System.CommandLine;
using System.Globalization;

namespace Coco.Cli.Commands;

/// <summary><c>coco completion</c>: scripts by which shells complete commands, options and names.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _coco() {
          local IFS=$'\n'
          COMPREPLY=($(coco complete "$COMP_POINT" "$COMP_LINE" 2>/dev/null))
        }
        complete -o default -F _coco coco
        """;

    private const string Zsh = """
        #compdef coco
        _coco() {
          local -a found
          found=(${(f)"$(coco complete "$CURSOR" "$BUFFER" 2>/dev/null)"})
          compadd -a found
        }
        compdef _coco coco
        """;

    private const string Fish = """
        complete -c coco -f -a '(coco complete (commandline -C) (commandline) 2>/dev/null)'
        """;

    public static Command Make(Shell shell)
    {
        var kind = new Argument<string>("SHELL") { Description = "bash, zsh or fish" };
        kind.CompletionSources.Add("bash", "zsh", "fish");
        return new Command("completion", "Print the script by which your shell completes commands, options, and names of nodes and networks") { kind }
            .WithExamples("source <(coco completion bash)      in ~/.bashrc", "source <(coco completion zsh)       in ~/.zshrc", "coco completion fish | source       in config.fish")
            .Runs(shell, invocation =>
            {
                invocation.Output.WriteLine(invocation.Need(kind) switch
                {
                    "bash" => Bash,
                    "zsh" => Zsh,
                    "fish" => Fish,
                    var other => throw new CommandException(ExitCode.Usage, $"'{other}' is no shell that is known here.{Spelling.Suggest(other, ["bash", "zsh", "fish"])} Say bash, zsh or fish."),
                });
                return Task.CompletedTask;
            });
    }

    /// <summary>What the scripts ask: what may stand at a place in a line.</summary>
    public static Command MakeComplete(Shell shell)
    {
        var position = new Argument<string>("POSITION") { Description = "Where the cursor is" };
        var line = new Argument<string>("LINE") { Description = "The line, from its beginning" };
        return new Command("complete", "Tell what may stand at a place of a command line") { position, line }
            .Hide()
            .WithExamples("coco complete 9 'coco net '")
            .Runs(shell, invocation =>
            {
                var text = invocation.Need(line);
                var program = text.IndexOf(' ', StringComparison.Ordinal) + 1;
                if (program == 0 || !int.TryParse(invocation.Need(position), NumberStyles.None, CultureInfo.InvariantCulture, out var cursor)) { return Task.CompletedTask; }
                var rest = text[program..];
                var parsed = CommandTree.Build(shell).Parse(rest);
                foreach (var item in parsed.GetCompletions(Math.Clamp(cursor - program, 0, rest.Length))) { invocation.Output.WriteLine(item.InsertText ?? item.Label); }
                return Task.CompletedTask;
            });
    }
}
