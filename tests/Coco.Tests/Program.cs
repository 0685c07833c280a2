using Coco.Tests.ControlPlanes;
using Coco.Tests.Data;
using Coco.Tests.Messages;

namespace Coco.Tests;

internal static class Program
{
    public static Task<int> Main(string[] args) => args is [MessageChild.Argument, ..] ? MessageChild.RunAsync(args)
        : args is [DataChild.Argument, ..] ? DataChild.RunAsync(args)
        : args is [RelayChild.Argument] ? RelayChild.RunAsync()
        : Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
}
