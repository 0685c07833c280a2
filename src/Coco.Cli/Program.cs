using System.Text;
using Coco.Cli;
using Coco.Cli.Commands;

Detachment.DetachWhereAsked();
Console.OutputEncoding = Encoding.UTF8;
return (int)await CommandLine.RunAsync(args, Console.Out, Console.Error);
