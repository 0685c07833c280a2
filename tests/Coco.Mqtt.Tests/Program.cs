using Coco.Mqtt.Tests.Crashes;

namespace Coco.Mqtt.Tests;

internal static class Program
{
    public static Task<int> Main(string[] args) => args is [EdgeChild.Argument, ..]
        ? EdgeChild.RunAsync(args)
        : Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
}
