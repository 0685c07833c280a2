using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Coco.Cli.Commands;

/// <summary>Help as the parser prints it, and below it how the command is used.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        help.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        var command = parseResult.CommandResult.Command;
        var examples = CommandExtensions.ExamplesOf(command);
        if (examples.Count > 0)
        {
            output.WriteLine("Examples:");
            foreach (var example in examples) { output.WriteLine($"  {example}"); }
            output.WriteLine();
        }
        if (!command.Parents.Any()) { output.WriteLine(CommandTree.ExitCodes); }
        return (int)ExitCode.Ok;
    }
}
