using System.CommandLine;
using System.Runtime.CompilerServices;

namespace Coco.Cli.Commands;

/// <summary>What each command has: an action that runs in a shell, and examples in its help.</summary>
internal static class CommandExtensions
{
    private static readonly ConditionalWeakTable<Command, string[]> Examples = [];

    public static Command Runs(this Command command, Shell shell, Func<Invocation, Task> run)
    {
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, shell.Stopping);
            using var invocation = new Invocation(shell, parsed, either.Token);
            await run(invocation);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    public static Command WithExamples(this Command command, params string[] examples)
    {
        Examples.Add(command, examples);
        return command;
    }

    public static Command Hide(this Command command)
    {
        command.Hidden = true;
        return command;
    }

    public static IReadOnlyList<string> ExamplesOf(Command command) => Examples.TryGetValue(command, out var examples) ? examples : [];
}
