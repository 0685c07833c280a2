using System.Text;
using Microsoft.Extensions.Logging;

namespace Coco.Cli.Daemon;

/// <summary>The log of the program, a line for each event, with the one before it kept as <c>coco.log.1</c>. A full disk keeps nothing from working.</summary>
internal sealed class LogFile(string path, LogLevel level) : ILoggerProvider
{
    // Chosen: weeks of a quiet daemon, and little enough to mail.
    private const long MaxLength = 4 << 20;

    private readonly Lock _lock = new(); // guards the file

    public ILogger CreateLogger(string categoryName) => new CategoryLogger(this, categoryName);

    public void Dispose()
    {
    }

    /// <summary>Writes what a person who was told of a fault would want to send to us.</summary>
    public void WriteFault(string what, Exception exception) => Write(LogLevel.Critical, "Coco.Cli", 0, what, exception);

    private void Write(LogLevel severity, string category, int id, string message, Exception? exception)
    {
        var line = new StringBuilder()
            .Append($"{DateTimeOffset.UtcNow:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {Name(severity)} {category}[{id}] ").Append(message.ReplaceLineEndings(" ")).Append('\n');
        if (exception is not null) { line.Append("    ").Append(exception.ToString().ReplaceLineEndings("\n    ")).Append('\n'); }
        lock (_lock)
        {
            try
            {
                if (File.Exists(path) && new FileInfo(path).Length > MaxLength) { File.Move(path, path + ".1", overwrite: true); }
                var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete };
                if (!OperatingSystem.IsWindows()) { options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; }
                using var file = new FileStream(path, options);
                file.Write(Encoding.UTF8.GetBytes(line.ToString()));
            }
            catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
            {
                // There is no place left to say so.
            }
        }
    }

    private static string Name(LogLevel severity) => severity switch
    {
        LogLevel.Critical => "FAULT",
        LogLevel.Error => "ERROR",
        LogLevel.Warning => "WARN ",
        LogLevel.Information => "INFO ",
        _ => "DEBUG",
    };

    private sealed class CategoryLogger(LogFile file, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) =>
            logLevel != LogLevel.None && logLevel >= (category.StartsWith("Microsoft.", StringComparison.Ordinal) ? LogLevel.Warning : file.Level);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) { file.Write(logLevel, category, eventId.Id, formatter(state, exception), exception); }
        }
    }

    private LogLevel Level { get; } = level;
}
