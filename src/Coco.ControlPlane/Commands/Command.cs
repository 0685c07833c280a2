namespace Coco.ControlPlane.Commands;

/// <summary>One command of the program.</summary>
/// <param name="Name">What is typed.</param>
/// <param name="Usage">What follows it, for the help.</param>
/// <param name="Summary">What it does, a line.</param>
/// <param name="RunAsync">Does it; the answer is the exit code.</param>
internal sealed record Command(string Name, string Usage, string Summary, Func<CommandCall, Task<int>> RunAsync);
