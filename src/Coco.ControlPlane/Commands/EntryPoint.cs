using System.Data.Common;
using Coco.ControlPlane.Accounts;
using Coco.ControlPlane.Backups;
using Coco.ControlPlane.Certificates;
using Coco.ControlPlane.Mails;
using Coco.ControlPlane.OAuth;
using Coco.ControlPlane.Operations;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Commands;

/// <summary>The program <c>coco-control</c>.</summary>
internal static class EntryPoint
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int NotUnderstood = 2;

    private const string SettingsHelp =
        """

        Settings come from coco-control.json in the working directory (or the file in COCO_CONTROL_FILE), from variables COCO_CONTROL__NAME,
        and from the arguments after the command, later ones winning. For example:
          coco-control serve --DataDirectory /var/lib/coco-control --Listen:0 https://0.0.0.0:443 --PublicUrl https://control.example
        """;

    private static readonly Command[] Commands =
    [
        new("serve", "", "runs an instance until it is told to stop", ServeAsync),
        new("check", "", "says what is wrong with the settings, and starts nothing", CheckAsync),
        .. AccountCommands.All,
        .. AuditCommands.All,
        .. KeyCommands.All,
        .. CertificateCommands.All,
        .. BackupCommands.All,
        .. MailCommands.All,
    ];

    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        if (arguments is [] or ["-h" or "--help" or "help", ..])
        {
            await WriteHelpAsync(output);
            return Done;
        }
        if (Array.Find(Commands, command => command.Name == arguments[0]) is not { } command)
        {
            await error.WriteLineAsync($"coco-control: '{arguments[0]}' is no command. See coco-control --help.");
            return NotUnderstood;
        }
        var rest = arguments[1..];
        var firstSetting = Array.FindIndex(rest, argument => argument.StartsWith("--", StringComparison.Ordinal));
        var words = firstSetting < 0 ? rest : rest[..firstSetting];
        if (!TryRead(rest[words.Length..], out var settings, out var wrong))
        {
            foreach (var line in wrong) { await error.WriteLineAsync("coco-control: " + line); }
            return NotUnderstood;
        }
        try
        {
            return await command.RunAsync(new(settings, words, output, error));
        }
        catch (Exception exception) when (exception is StorageException or IOException or UnauthorizedAccessException or DbException or TimeoutException)
        {
            await error.WriteLineAsync("coco-control: " + exception.Message);
            return Failed;
        }
    }

    private static async Task<int> ServeAsync(CommandCall call)
    {
        if (call.Arguments.Count > 0) { return await call.MisusedAsync("serve [--NAME VALUE]..."); }
        await using var host = await ControlPlaneHost.StartAsync(call.Settings);
        await host.WaitAsync();
        return Done;
    }

    private static async Task<int> CheckAsync(CommandCall call)
    {
        await call.Output.WriteLineAsync("The settings are fine.");
        return Done;
    }

    private static async Task WriteHelpAsync(TextWriter output)
    {
        await output.WriteLineAsync("Usage: coco-control COMMAND [--NAME VALUE]...");
        foreach (var command in Commands) { await output.WriteLineAsync($"  {$"{command.Name} {command.Usage}",-34} {command.Summary}"); }
        await output.WriteLineAsync(SettingsHelp);
    }

    internal static bool TryRead(string[] arguments, out ControlPlaneSettings settings, out IReadOnlyList<string> wrong)
    {
        settings = new();
        try
        {
            var file = Environment.GetEnvironmentVariable("COCO_CONTROL_FILE");
            var configuration = new ConfigurationBuilder()
                .AddJsonFile(Path.GetFullPath(file ?? "coco-control.json"), optional: file is null)
                .AddEnvironmentVariables("COCO_CONTROL__")
                .AddCommandLine(arguments)
                .Build();
            settings = configuration.Get<ControlPlaneSettings>(static options => options.ErrorOnUnknownConfiguration = true) ?? new();
            // Elements that are given would follow the default's: whoever names one place wants to be listened to there alone.
            if (configuration.GetSection(nameof(settings.Listen)).Get<string[]>() is { Length: > 0 } listen) { settings = settings with { Listen = listen }; }
            wrong = settings.Validate();
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException or IOException or InvalidDataException)
        {
            wrong = [exception.Message];
        }
        return wrong.Count == 0;
    }
}
