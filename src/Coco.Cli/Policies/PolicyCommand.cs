using Coco.Cluster.Policies;

namespace Coco.Cli.Policies;

/// <summary><c>coco policy test</c>: tells what a policy decides, and what each of its rules has to do with it.</summary>
internal static class PolicyCommand
{
    public static ExitCode Run(string[] arguments, TextWriter output, TextWriter error)
    {
        var isJson = arguments.Contains("--json");
        arguments = [.. arguments.Where(static argument => argument is not "--json")];
        if (arguments is not ["test", var file, .. var words] || file.Length == 0 || !PolicyQuestionWords.TryParse(words, out var question))
        {
            return CommandLine.NotUnderstood(string.Join(' ', ["policy", .. arguments]), error);
        }
        string text;
        try
        {
            // One character is at least one byte: what is longer is no policy, whatever it is.
            var info = new FileInfo(file);
            if (info.Exists && info.Length > Policy.MaxLength) { throw new IOException($"it has {info.Length} bytes, and a policy {Policy.MaxLength} at most"); }
            text = File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"coco: {file} cannot be read: {e.Message}");
            return ExitCode.Failed;
        }
        if (!Policy.TryParse(text, out var policy, out var wrong))
        {
            error.WriteLine($"coco: {file}, {wrong}");
            return ExitCode.Failed;
        }
        var decision = policy.Decide(question);
        if (isJson)
        {
            PlainJson.Write(output, json =>
            {
                json.WriteBoolean("allowed", decision.IsAllowed);
                json.WriteString("decision", decision.Explain());
                json.WriteStartArray("rules");
                foreach (var remark in policy.Explain(question))
                {
                    json.WriteStartObject();
                    json.WriteString("rule", $"{remark.Rule}");
                    json.WriteString("reason", $"{remark.Reason}");
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            });
            return decision.IsAllowed ? ExitCode.Ok : ExitCode.Failed;
        }
        output.WriteLine(decision.Explain());
        foreach (var remark in policy.Explain(question)) { output.WriteLine($"  {remark.Rule}: {remark.Reason}"); }
        return decision.IsAllowed ? ExitCode.Ok : ExitCode.Failed;
    }
}
