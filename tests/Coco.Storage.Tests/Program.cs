namespace Coco.Storage.Tests;

internal static class Program
{
    public static Task<int> Main(string[] args) => args is [Victim.Argument, var path, var first]
        ? Victim.RunAsync(path, int.Parse(first))
        : Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
}
