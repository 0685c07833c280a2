using System.CommandLine;
using System.CommandLine.Parsing;
using System.Reflection;
using Coco.Cli.Commands;
using Coco.Cli.Control;
using Coco.Cli.Daemon;
using Coco.Cli.Netcheck;
using Coco.Cli.Policies;
using Coco.Cli.Relay;
using Microsoft.Extensions.Logging;

namespace Coco.Cli;

/// <summary>Finds the command that was asked for, and says what became of it. What commands print goes to the writers, so that tests can read it.</summary>
internal static class CommandLine
{
    public static string Version { get; } =
        typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? "unknown";

    public static Task<ExitCode> RunAsync(string[] arguments, TextWriter output, TextWriter error, Func<string, string?>? askPassphrase = null) =>
        RunAsync(arguments, new() { Output = output, Error = error, AskPassphrase = askPassphrase ?? Passphrase.Ask });

    public static async Task<ExitCode> RunAsync(string[] arguments, Shell shell)
    {
        try
        {
            return await DispatchAsync(arguments, shell);
        }
        catch (CommandException exception)
        {
            shell.Error.WriteLine($"coco: {exception.Message}");
            return exception.Code;
        }
        catch (OperationCanceledException)
        {
            shell.Error.WriteLine("coco: stopped.");
            return ExitCode.Failed;
        }
        catch (Exception exception) when (Trouble.IsFullDisk(exception))
        {
            shell.Error.WriteLine($"coco: {Trouble.Say(exception)}");
            return ExitCode.Failed;
        }
        catch (Exception exception)
        {
            // Nobody at a terminal can use a stack trace; who mends the program finds it in the file.
            new LogFile(shell.Places.LogFile, LogLevel.Information).WriteFault($"coco {arguments.FirstOrDefault()} failed", exception);
            shell.Error.WriteLine($"coco: something went wrong inside coco: {Trouble.Say(exception)} {shell.Places.LogFile} has the details.");
            return ExitCode.Fault;
        }
    }

    public static ExitCode NotUnderstood(string what, TextWriter error)
    {
        error.WriteLine($"coco: \"{what}\" is no command. `coco --help` lists what there is.");
        return ExitCode.Usage;
    }

    private static async Task<ExitCode> DispatchAsync(string[] arguments, Shell shell)
    {
        var (output, error, ask) = (shell.Output, shell.Error, shell.AskPassphrase);
        switch (arguments)
        {
            case ["control", .. var rest] when rest is not ["--help" or "-h" or "-?"]: // a program of its own, which helps with its own commands
                return await ControlCommand.RunAsync(rest, shell);
            case [_, .., "--help" or "-h" or "-?"]: // any other command's
                return await ParseAsync(arguments, shell);
            case ["netcheck", .. var rest]:
                return await NetcheckCommand.RunAsync(rest, output, error);
            case ["relay", .. var rest]:
                return await RelayCommand.RunAsync(rest, output, error, ask);
            case ["policy", not ("allow" or "set" or "show"), ..]:
            case ["policy"]:
                return PolicyCommand.Run(arguments[1..], output, error);
            case ["key", .. var rest]:
                return KeyCommand.Run(rest, output, error, ask);
            case ["--version"]:
                output.WriteLine($"coco {Version}");
                return ExitCode.Ok;
            case ["help", .. var rest]:
                return await ParseAsync([.. rest, "--help"], shell);
            case []:
                await ParseAsync(["--help"], new() { Output = error, Error = error, Variable = shell.Variable });
                return ExitCode.Usage;
            default:
                return await ParseAsync(arguments, shell);
        }
    }

    private static async Task<ExitCode> ParseAsync(string[] arguments, Shell shell)
    {
        var parsed = CommandTree.Build(shell).Parse(arguments);
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples)
        {
            shell.Error.WriteLine($"coco: {Explain(parsed)}");
            return ExitCode.Usage;
        }
        var configuration = new InvocationConfiguration { Output = shell.Output, Error = shell.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        return (ExitCode)await parsed.InvokeAsync(configuration, shell.Stopping);
    }

    private static string Explain(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = PathOf(parsed.CommandResult);
        var help = $"`{path} --help` tells more.";
        if (parsed.UnmatchedTokens is [var word, ..])
        {
            var known = command.Subcommands.Select(static one => one.Name).Concat(command.Options.Select(static one => one.Name));
            var what = word.StartsWith('-') ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
            return $"\"{word}\" is no {what} of {path}.{Spelling.Suggest(word, known)} {help}";
        }
        return command.Subcommands.Count > 0 && command.Action is null
            ? $"{path} needs one of: {string.Join(", ", command.Subcommands.Select(static one => one.Name))}. {help}"
            : $"{Trouble.Sentence(parsed.Errors[0].Message)} {help}";
    }

    private static string PathOf(SymbolResult? result) => result switch
    {
        null => "",
        CommandResult { Parent: null } root => root.Command.Name,
        CommandResult command => $"{PathOf(command.Parent)} {command.Command.Name}",
        _ => PathOf(result.Parent),
    };
}
