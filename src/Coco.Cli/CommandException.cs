namespace Coco.Cli;

/// <summary>A command that cannot be carried out. The message says what happened, and what to do.</summary>
internal sealed class CommandException(ExitCode code, string message, Exception? cause = null) : Exception(message, cause)
{
    public ExitCode Code { get; } = code;
}
