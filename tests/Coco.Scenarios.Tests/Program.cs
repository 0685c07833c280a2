using Coco.Tests.Messages;

namespace Coco.Scenarios.Tests;

internal static class Program
{
    public static Task<int> Main(string[] args) => args is [MessageChild.Argument, ..] ? MessageChild.RunAsync(args) : Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
}
