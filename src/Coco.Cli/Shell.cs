using Spectre.Console;

namespace Coco.Cli;

/// <summary>What a command finds around it: where to print, whom to ask, the environment, the folders.</summary>
internal sealed class Shell
{
    // Chosen: no line of ours is longer; what is no terminal breaks no lines.
    private const int UnlimitedWidth = 1_000;

    public required TextWriter Output { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Opens standard input and output for bytes.</summary>
    public Func<Stream> OpenInput { get; init; } = Console.OpenStandardInput;

    public Func<Stream> OpenOutput { get; init; } = Console.OpenStandardOutput;

    /// <summary>Asks for a passphrase without showing it; null where there is nobody to ask.</summary>
    public Func<string, string?> AskPassphrase { get; init; } = Passphrase.Ask;

    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Cancelled when the command is to end.</summary>
    public CancellationToken Stopping { get; init; }

    /// <summary>How long somebody who has pressed the tabulator key waits for names. Chosen: who waits longer presses it again.</summary>
    public TimeSpan KeyPatience { get; init; } = TimeSpan.FromMilliseconds(500);

    public Places Places => field ??= Places.From(Variable);

    /// <summary>Whether somebody reads what is printed.</summary>
    public bool IsTerminal => ReferenceEquals(Output, Console.Out) && !Console.IsOutputRedirected;

    public bool CanAsk => ReferenceEquals(Output, Console.Out) && !Console.IsInputRedirected;

    /// <summary>Where tables and colours go: colours on a terminal only, and none where NO_COLOR is set (no-color.org).</summary>
    public IAnsiConsole Screen => field ??= MakeConsole(Output, IsTerminal);

    /// <summary>Where progress goes, which is no result.</summary>
    public IAnsiConsole Notes
    {
        get => field ??= MakeConsole(Error, ReferenceEquals(Error, Console.Error) && !Console.IsErrorRedirected);
        init;
    }

    /// <summary>Asks for a new passphrase, twice.</summary>
    public string AskNewPassphrase(string prompt)
    {
        var passphrase = AskPassphrase(prompt);
        if (string.IsNullOrEmpty(passphrase)) { throw new CommandException(ExitCode.Failed, "There is nothing without a passphrase. Give one."); }
        if (CanAsk && AskPassphrase("The same again: ") != passphrase) { throw new CommandException(ExitCode.Failed, "The two passphrases differ. Nothing was done: try again."); }
        return passphrase;
    }

    private IAnsiConsole MakeConsole(TextWriter writer, bool isTerminal)
    {
        var hasColours = isTerminal && string.IsNullOrEmpty(Variable("NO_COLOR"));
        var console = AnsiConsole.Create(new()
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = hasColours ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!isTerminal) { console.Profile.Width = UnlimitedWidth; }
        return console;
    }
}
